"""Commands that run things: everything on one machine, one part of it, and the jobs."""

from __future__ import annotations

import json as jsonlib
import os
import subprocess
import sys
from typing import Annotated

import typer

from db.errors import UserError
from workbench.cli.console import Json, note, show
from workbench.wiring import open_workbench

Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535)]
ALL_PARTS = ("ui", "api", "worker", "mlflow")


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready; workbench stop ends it.")] = False,
    only: Annotated[str, typer.Option(help="Parts, separated by commas.")] = ",".join(ALL_PARTS),
    host: Host = None,
    json: Json = False,
) -> None:
    """Run the pages, the prediction API, the worker and MLflow on this machine."""
    from workbench.processes.detached import part_states, start_detached

    names = _part_names(only)
    if detach:
        state = start_detached(open_workbench().settings.data, ["--only", only, *(["--host", host] if host else [])])
        show({"pid": state.pid, "parts": part_states(state)}, ["up: " + ", ".join(state.parts)], as_json=json)
        return
    open_workbench().up(names, host, note)


def status(json: Json = False) -> None:
    """Which parts of a running workbench answer."""
    from workbench.processes.detached import part_states, read_state

    state = read_state(open_workbench().settings.data)
    states = {} if state is None else part_states(state)
    show(
        {"up": state is not None, "parts": states}, [f"{n}: {s}" for n, s in states.items()] or ["not up"], as_json=json
    )


def logs(
    part: Annotated[str, typer.Argument(help="ui, api, worker, mlflow or up.")] = "up",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
) -> None:
    """The last lines a part has written."""
    file = open_workbench().settings.data / "logs" / f"{_known_part(part, (*ALL_PARTS, 'up'))}.log"
    if not file.is_file():
        raise UserError(f"{part} has written no log yet ({file})")
    sys.stdout.write("".join(file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-lines:]))


def stop() -> None:
    """End a workbench that runs in the background."""
    from workbench.processes.detached import stop_detached

    stop_detached(open_workbench().settings.data)
    note("stopped")


def ui(host: Host = None, port: Port = None) -> None:
    """Run only the pages."""
    open_workbench().run_ui(host, port)


def api(host: Host = None, port: Port = None) -> None:
    """Run only the prediction API."""
    open_workbench().run_api(host, port)


def worker() -> None:
    """Run only the worker, which does the jobs."""
    from workbench.handlers import work_through_jobs

    work_through_jobs(open_workbench())


def mlflow(host: Host = None, port: Port = None) -> None:
    """Run only MLflow's pages."""
    from workbench.processes.part import mlflow_part

    workbench = open_workbench()
    part = mlflow_part(workbench.settings, host or "127.0.0.1", workbench.own.mlflow_port if port is None else port)
    done = subprocess.run(part.command, env=os.environ | dict(part.environment), check=False)
    raise typer.Exit(done.returncode)


def jobs(
    cancel: Annotated[str | None, typer.Option(metavar="JOB", help="Stop a job; what it has done is kept.")] = None,
    resume: Annotated[str | None, typer.Option(metavar="JOB", help="Let a cancelled or failed job go on.")] = None,
    project: Annotated[str | None, typer.Option("--project", "-p")] = None,
    json: Json = False,
) -> None:
    """List the jobs, or cancel or resume one."""
    from workbench.jobs.store import open_jobs

    with open_jobs(open_workbench().settings) as store:
        if cancel:
            store.cancel(cancel)
        if resume:
            store.resume(resume)
        found = store.list(project=project)
    rows = [
        {
            "id": job.id,
            "kind": job.kind.value,
            "project": job.project,
            "state": job.state.value,
            "progress": dict(job.progress),
            "error": job.error,
        }
        for job in found
    ]
    lines = [
        f"{row['id']}  {row['kind']} of {row['project']}: {row['state']} "
        f"{jsonlib.dumps(row['progress'], ensure_ascii=False) if row['progress'] else ''} {row['error']}".rstrip()
        for row in rows
    ]
    show({"jobs": rows}, lines or ["no jobs yet"], as_json=json)


def _part_names(only: str) -> tuple[str, ...]:
    return tuple(_known_part(name.strip(), ALL_PARTS) for name in only.split(",") if name.strip())


def _known_part(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise UserError(f"no part {name!r}; parts: {', '.join(known)}")
    return name
