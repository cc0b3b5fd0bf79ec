"""What runs: users and who may reach the pages, ports, the worker and its jobs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from db.engine import reading
from db.tables import UserRow, utcnow
from db.types import Role
from db.workers import count_alive
from workbench.jobs.job import Job, JobState
from workbench.jobs.store import open_jobs
from workbench.processes.supervisor import answers
from workbench.settings import is_loopback
from workbench.upkeep.findings import Finding, Patient, ok, problem, warning
from workbench.upkeep.stores import JOBS, WORKBENCH

_STANDS_STILL = timedelta(minutes=10)
_LOOKED_AT = 500
_WITHIN_S = 1.0


def users(patient: Patient) -> Iterator[Finding]:
    """Without users everybody who reaches the pages is let in, so they listen to this machine alone."""
    by_role = select(UserRow.role, func.count()).where(UserRow.active).group_by(UserRow.role)
    with reading(patient.engine) as session:
        known = {Role(role): count for role, count in session.execute(by_role)}
    opened = [host for host in (patient.own.ui_host, patient.own.api_host) if not is_loopback(host)]
    advice = "workbench users add NAME --role admin"
    if not known and opened:
        yield problem(f"there are none, and {opened[0]} is reached from elsewhere: nothing will start", advice)
    elif not known:
        yield ok("none: whoever works at this machine is let in, nobody else")
    elif Role.ADMIN not in known:
        yield warning("none of them is an admin", advice)
    else:
        yield ok(", ".join(f"{count} {role.value}" for role, count in known.items()))


def ports(patient: Patient) -> Iterator[Finding]:
    own = patient.own
    parts = (("ui", own.ui_port, "/healthz"), ("api", own.api_port, "/healthz"), ("mlflow", own.mlflow_port, "/health"))
    for name, port, path in parts:
        if not _is_taken(port):
            yield ok(f"{name} does not run; {port} is free")
        elif answers(f"http://127.0.0.1:{port}{path}"):
            yield ok(f"{name} answers on {port}")
        else:
            advice = f"workbench status, or another WORKBENCH_{name.upper()}_PORT"
            yield problem(f"something that is not {name} holds {port}, or it hangs", advice)


def worker(patient: Patient) -> Iterator[Finding]:
    """The jobs there are, and somebody to do them."""
    with reading(patient.engine) as session:
        alive = count_alive(session)
    waiting = [job for job in _jobs(patient) if not job.state.has_ended]
    still = [job for job in waiting if job.state is JobState.RUNNING and utcnow() - job.updated_at > _STANDS_STILL]
    if waiting and not alive:
        yield problem(f"none runs; jobs that wait: {len(waiting)}", "workbench worker, or workbench up")
    elif not alive:
        yield warning("none runs; queues are not renewed", "workbench worker, or workbench up")
    else:
        yield ok(f"{alive} at work; open jobs: {len(waiting)}")
    for job in still:
        advice = f"workbench jobs --cancel {job.id}"
        yield warning(f"{job.kind.value} of {job.project!r} says nothing since {job.updated_at:%H:%M} UTC", advice)


def _jobs(patient: Patient) -> list[Job]:
    """None where no job was ever put in line: asking would make the store."""
    if patient.store(JOBS) is None and patient.store(WORKBENCH) is not None and patient.engine.dialect.name == "sqlite":
        return []
    with open_jobs(patient.settings) as jobs:
        return jobs.list(limit=_LOOKED_AT)


def _is_taken(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_WITHIN_S):
            return True
    except OSError:
        return False
