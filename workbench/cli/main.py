"""The `workbench` command: its sub-commands, and how errors leave it."""

from __future__ import annotations

import os
import sys

# Said before any library looks: nothing phones home, and nothing asks a hub or a cloud where it runs.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import typer

from db.errors import UserError
from workbench.cli import data, demo, keywords, loop, people, services, thresholds, upkeep

app = typer.Typer(
    name="workbench",
    help="Labels by people and by decision models, retraining behind a gate, and serving.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("import")(data.import_)
app.command("labels")(data.labels)
app.command("projects")(data.projects)
app.command("settings")(data.settings)
app.command("export")(data.export)
app.command()(keywords.keywords)
for command in (
    loop.propose,
    loop.opinions,
    loop.queue,
    loop.annotate,
    loop.retrain,
    loop.predict,
    loop.promote,
    loop.rollback,
):
    app.command()(command)
for service in (services.up, services.status, services.logs, services.stop, services.jobs):
    app.command()(service)
for part in (services.ui, services.api, services.worker, services.mlflow):
    app.command()(part)
for care in (upkeep.backup, upkeep.restore, upkeep.doctor):
    app.command()(care)
app.command()(thresholds.thresholds)
app.command()(demo.demo)
app.add_typer(people.users, name="users")
app.add_typer(people.tokens, name="tokens")


def main() -> None:
    """Exit 0 on success, 1 with one line on a user's error, 2 on wrong usage; internal faults keep their traceback."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"error: {' '.join(str(error).splitlines())}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
