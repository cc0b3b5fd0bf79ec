"""The durable workflows. Each has one step that can run again: what it did before it was killed is found and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dbos import DBOS

from workbench.jobs.job import JobKind
from workbench.jobs.store import PROGRESS

Options = Mapping[str, Any]
Report = Callable[[int, int, str], None]
_REPORT_EVERY_S = 0.5


class Work(Protocol):
    """What a job does: told the project and its options, reporting progress, and stopping soon after `cancelled()`."""

    def __call__(
        self, job_id: str, project: str, options: Options, report: Report, cancelled: Callable[[], bool], /
    ) -> dict[str, Any]: ...


def register_workflows(work: Mapping[JobKind, Work]) -> None:
    """Make every kind of job known to the running instance; call it between creating and launching that."""
    for kind, does in work.items():
        _register(kind, does)


def _register(kind: JobKind, does: Work) -> None:
    @DBOS.step(name=f"{kind.value}-step")
    def step(job_id: str, project: str, options: Options) -> dict[str, Any]:
        return does(job_id, project, options, _throttled_report(), _throttled_check(job_id))

    @DBOS.workflow(name=kind.value)
    def workflow(project: str, options: Options) -> dict[str, Any]:
        assert DBOS.workflow_id is not None
        return step(DBOS.workflow_id, project, options)


def _throttled_report() -> Report:
    """Progress goes to the database, so not with every record."""
    last = 0.0

    def report(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_EVERY_S or done == total:
            last = now
            DBOS.set_event(PROGRESS, {"done": done, "total": total, "what": what})

    return report


def _throttled_check(job_id: str) -> Callable[[], bool]:
    last, answer = 0.0, False

    def cancelled() -> bool:
        nonlocal last, answer
        now = time.monotonic()
        if not answer and now - last >= _REPORT_EVERY_S:
            last = now
            status = DBOS.get_workflow_status(job_id)
            answer = status is not None and status.status == "CANCELLED"
        return answer

    return cancelled
