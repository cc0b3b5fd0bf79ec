"""The durable workflows. Each has one step that can run again: what it did before it was killed is found and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from dbos import DBOS
from dbos._error import DBOSAwaitedWorkflowCancelledError

from db.audit import acting_for
from db.errors import UserError
from workbench.jobs.job import JobKind
from workbench.jobs.log import log_of
from workbench.jobs.store import PROGRESS

logger = logging.getLogger(__name__)
Options: TypeAlias = Mapping[str, Any]
Report: TypeAlias = Callable[[int, int, str], None]
_REPORT_EVERY_S = 0.5
_LOG_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a job, as its work sees it: for whom, how to say how far it is, and whether to stop soon.

    `by` is "" for a job that the worker started by itself.
    """

    job_id: str
    project: str
    options: Options
    by: str
    report: Report
    cancelled: Callable[[], bool]
    log: Callable[[str], None]


Work: TypeAlias = Callable[[Run], dict[str, Any]]


def register_workflows(work: Mapping[JobKind, Work], folder: Path) -> None:
    """Make every kind of job known to the running instance; call it between creating and launching that.

    Logs go to `folder`.
    """
    logging.getLogger("dbos").addFilter(_is_news)
    for kind, does in work.items():
        _register(kind, does, folder)


def _register(kind: JobKind, does: Work, folder: Path) -> None:
    @DBOS.step(name=f"{kind.value}-step")
    def step(job_id: str, project: str, options: Options) -> dict[str, Any]:
        log = log_of(folder, job_id).line
        by = _asked_by(job_id)
        run = Run(
            job_id=job_id,
            project=project,
            options=options,
            by=by,
            report=_throttled_report(log),
            cancelled=_throttled_check(job_id),
            log=log,
        )
        log(f"begun: {kind.value} of {project}" + (f", for {by}" if by else ""))
        with acting_for(by):
            return _logged(does, run)

    @DBOS.workflow(name=kind.value)
    def workflow(project: str, options: Options) -> dict[str, Any]:
        assert DBOS.workflow_id is not None
        return step(DBOS.workflow_id, project, options)


def _logged(does: Work, run: Run) -> dict[str, Any]:
    try:
        result = does(run)
    except UserError as error:
        line = " ".join(str(error).split())
        run.log(f"failed: {line}")
        logger.warning("job %s failed: %s", run.job_id, line)
        # Of one class, whatever it was: what is stored is its name.
        raise UserError(line) from None
    except Exception as error:
        run.log(f"failed: internal error ({type(error).__name__}); the worker's log says more")
        raise
    run.log("cancelled" if run.cancelled() else "done")
    return result


def _asked_by(job_id: str) -> str:
    status = DBOS.get_workflow_status(job_id)
    return "" if status is None else str((status.attributes or {}).get("by") or "")


def _is_news(record: logging.LogRecord) -> bool:
    """Whether DBOS tells something that has not been said: a user's error has, and that a cancelled job ended so."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, UserError | DBOSAwaitedWorkflowCancelledError)


def _throttled_report(log: Callable[[str], None]) -> Report:
    """Progress goes to the database, so not with every record; and to the log when it is about something else."""
    last, logged, about = 0.0, 0.0, ""

    def report(done: int, total: int, what: str) -> None:
        nonlocal last, logged, about
        now = time.monotonic()
        if now - last >= _REPORT_EVERY_S or done == total:
            last = now
            DBOS.set_event(PROGRESS, {"done": done, "total": total, "what": what})
        if what != about or now - logged >= _LOG_EVERY_S or (done == total and total):
            logged, about = now, what
            log(f"{what}: {done} of {total}")

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
