"""Commands that run things: everything on one machine, one part of it, and the jobs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from db.errors import UserError
from db.settings import load_settings
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
    """Which parts of a running workbench answer; exit 1 where one does not, or none is up."""
    from workbench.processes.detached import NOT_UP, part_states, read_state

    state = read_state(load_settings().data)
    states = {} if state is None else part_states(state)
    show(
        {"up": state is not None, "parts": states}, [f"{n}: {s}" for n, s in states.items()] or ["not up"], as_json=json
    )
    raise typer.Exit(NOT_UP in states.values() or state is None)


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
    from workbench.settings import is_loopback

    workbench = open_workbench()
    part = mlflow_part(workbench.settings, host or "127.0.0.1", workbench.own.mlflow_port if port is None else port)
    if not is_loopback(part.host):
        # Not refused as elsewhere: a container has to listen so, and the compose file keeps its port on the host.
        note(f"MLflow has no login: whoever can reach {part.host}:{part.port} sees every run and can delete it")
    # In this process's place, so that whoever ends it ends MLflow.
    os.execve(part.command[0], part.command, os.environ | dict(part.environment))  # noqa: S606 (no shell)


def jobs(
    cancel: Annotated[str | None, typer.Option(metavar="JOB", help="Stop a job; what it has done is kept.")] = None,
    resume: Annotated[str | None, typer.Option(metavar="JOB", help="Let a cancelled or failed job go on.")] = None,
    project: Annotated[str | None, typer.Option("--project", "-p")] = None,
    json: Json = False,
) -> None:
    """List the jobs, or cancel or resume one."""
    from db.audit import process_actor
    from db.types import Role

    # Whoever has a shell here may do anything anyway.
    who: Mapping[str, Any] = {"by": process_actor(), "role": Role.ADMIN}
    with open_workbench().jobs() as desk:
        if cancel:
            desk.cancel(cancel, **who)
        if resume:
            desk.resume(resume, **who)
        found = desk.list(project=project)
        if any(not job.state.has_ended for job in found) and not desk.workers():
            note("no worker is running, so these jobs wait; start one with: workbench worker")
    rows = [
        {
            "id": job.id,
            "kind": job.kind.value,
            "project": job.project,
            "state": job.state.value,
            "progress": dict(job.progress),
            "error": job.error,
            "by": job.by,
        }
        for job in found
    ]
    lines = [
        f"{job.id}  {job.kind.value} of {job.project}: {job.state.value}{_progress(job.progress)} {job.error}".rstrip()
        for job in found
    ]
    show({"jobs": rows}, lines or ["no jobs yet"], as_json=json)


def _progress(progress: Mapping[str, Any]) -> str:
    """How far a job is, in words: ", model 120 of 1107 (10 %)"."""
    done, total = progress.get("done", 0), progress.get("total", 0)
    if not total:
        return ""
    return f", {progress.get('what', '')} {done} of {total} ({100 * done // total} %)"


def _part_names(only: str) -> tuple[str, ...]:
    return tuple(_known_part(name.strip(), ALL_PARTS) for name in only.split(",") if name.strip())


def _known_part(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise UserError(f"no part {name!r}; parts: {', '.join(known)}")
    return name
