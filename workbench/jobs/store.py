"""The list of jobs: adding, looking, cancelling, resuming. Needs no worker to be running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos._sys_db import WorkflowStatus
from sqlalchemy.engine import make_url

from db.errors import UserError
from db.settings import Settings
from workbench.jobs.job import Job, JobKind, JobState

APP_VERSION = "1"
PROGRESS = "progress"
# Training takes all the cores there are; proposing and rescoring wait for others most of the time.
QUEUES = {JobKind.PROPOSE: "light", JobKind.RESCORE: "light", JobKind.RETRAIN: "training"}
_STATES = {
    "ENQUEUED": JobState.WAITING,
    "DELAYED": JobState.WAITING,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "CANCELLED": JobState.CANCELLED,
}


def jobs_database(settings: Settings) -> str:
    """Where jobs are kept: beside the SQLite database in a file of their own, or in the same PostgreSQL database."""
    url = make_url(settings.database)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql").render_as_string(hide_password=False)
    return f"sqlite:///{settings.data / 'jobs.db'}"


class JobStore:
    """Jobs of one installation. Close it, or use it as `with open_jobs(settings) as jobs`."""

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        url = jobs_database(settings)
        DBOS.migrate(url)
        self._client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer())

    def close(self) -> None:
        self._client.destroy()

    def add(
        self, kind: JobKind, project: str, options: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> str:
        """Put a job in line; returns its id. One with a `key` that was used before is not added again."""
        job_id = key or f"{kind.value}-{uuid4().hex[:12]}"
        self._client.enqueue(
            {
                "queue_name": QUEUES[kind],
                "workflow_name": kind.value,
                "workflow_id": job_id,
                "app_version": APP_VERSION,
                "attributes": {"project": project},
            },
            project,
            dict(options or {}),
        )
        return job_id

    def get(self, job_id: str) -> Job:
        """Raises UserError when there is no such job."""
        found = self._client.list_workflows(workflow_ids=[job_id])
        if not found:
            raise UserError(f"no job {job_id!r}; workbench jobs lists them")
        return self._job(found[0])

    def list(self, *, project: str | None = None, limit: int = 50) -> list[Job]:
        """Newest first."""
        attributes = None if project is None else {"project": project}
        found = self._client.list_workflows(
            name=[kind.value for kind in JobKind], attributes=attributes, limit=limit, sort_desc=True
        )
        return [self._job(status) for status in found]

    def cancel(self, job_id: str) -> None:
        """Raises UserError when there is no such job or it has ended; what it has done is kept."""
        job = self.get(job_id)
        if job.state.has_ended:
            raise UserError(f"job {job_id!r} is {job.state.value}; only a waiting or running one can be cancelled")
        self._client.cancel_workflow(job_id)

    def resume(self, job_id: str) -> None:
        """Put a cancelled or failed job in line again; raises UserError for any other."""
        job = self.get(job_id)
        if job.state not in (JobState.CANCELLED, JobState.FAILED):
            raise UserError(f"job {job_id!r} is {job.state.value}; only a cancelled or failed one can be resumed")
        self._client.resume_workflow(job_id, queue_name=QUEUES[job.kind])

    def _job(self, status: WorkflowStatus) -> Job:
        state = _STATES.get(status.status, JobState.FAILED)
        progress = self._client.get_event(status.workflow_id, PROGRESS, timeout_seconds=0) or {}
        return Job(
            id=status.workflow_id,
            kind=JobKind(status.name),
            project=str((status.input or {"args": ("?",)})["args"][0]),
            state=state,
            progress=progress,
            result=status.output if isinstance(status.output, dict) else {},
            error=_one_line(status.error) if state is JobState.FAILED else "",
            created_at=_time(status.created_at),
            updated_at=_time(status.updated_at),
        )


@contextmanager
def open_jobs(settings: Settings) -> Iterator[JobStore]:
    store = JobStore(settings)
    try:
        yield store
    finally:
        store.close()


def _one_line(error: Exception | None) -> str:
    return "" if error is None else str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _time(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
