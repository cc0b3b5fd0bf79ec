"""The list of jobs: adding, looking, cancelling, resuming. Needs no worker to be running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos._error import DBOSQueueDeduplicatedError
from dbos._sys_db import WorkflowStatus
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from db.errors import ConflictError, NotFoundError, UserError
from db.settings import Settings
from workbench.jobs.job import Job, JobKind, JobState

APP_VERSION = "1"
PROGRESS = "progress"
_PAGE, _MOST_LOOKED_AT = 200, 10_000
# Training takes all the cores there are, proposing and rescoring wait for others most of the time, and a person who
# waits for an import or a promotion should not wait for either.
QUEUES = {
    JobKind.PROPOSE: "light",
    JobKind.RESCORE: "light",
    JobKind.RETRAIN: "training",
    JobKind.IMPORT: "import",
    JobKind.PROMOTE: "quick",
    JobKind.ROLLBACK: "quick",
}
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
    """Jobs of one installation. Close it, or use it as `with open_jobs(settings) as jobs`.

    Every method raises UserError where the database cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        url = jobs_database(settings)
        self._address = make_url(url).render_as_string(hide_password=True)
        with self._reached():
            DBOS.migrate(url)
            # Whoever asks from a page is told that the database is away, and does not wait until it comes back.
            self._client = DBOSClient(
                system_database_url=url, serializer=DBOSPortableJSONSerializer(), retry_connection_errors=False
            )

    def close(self) -> None:
        self._client.destroy()

    def add(
        self,
        kind: JobKind,
        project: str,
        options: Mapping[str, Any] | None = None,
        *,
        by: str = "",
        key: str | None = None,
        about: str | None = None,
    ) -> str:
        """Put a job in line; returns its id. One with a `key` that was used before is not added again.

        Raises ConflictError while another job of this kind `about` the same thing waits or runs.
        """
        asked: EnqueueOptions = {
            "queue_name": QUEUES[kind],
            "workflow_name": kind.value,
            "workflow_id": key or f"{kind.value}-{uuid4().hex[:12]}",
            "app_version": APP_VERSION,
            "attributes": {"project": project, "by": by},
        }
        if about is not None:
            asked["deduplication_id"] = about
        with self._reached():
            try:
                self._client.enqueue(asked, project, dict(options or {}))
            except DBOSQueueDeduplicatedError:
                raise ConflictError(f"{kind.value} of {project!r}: a job does this already; see Jobs") from None
        return asked["workflow_id"]

    def get(self, job_id: str) -> Job:
        """Raises NotFoundError when there is no such job."""
        with self._reached():
            found = self._client.list_workflows(workflow_ids=[job_id])
            if not found or found[0].name not in list(JobKind):
                raise NotFoundError(f"no job {job_id[:80]!r}; workbench jobs lists them")
            return self._job(found[0])

    def list(self, *, project: str | None = None, limit: int = 50) -> list[Job]:
        """Newest first; those that are done come without their progress."""
        with self._reached():
            ids = self._newest(project, limit)
            found = self._client.list_workflows(workflow_ids=ids, sort_desc=True) if ids else []
            return [self._job(status, in_list=True) for status in found]

    def _newest(self, project: str | None, limit: int) -> Sequence[str]:
        """Ids, page by page: on SQLite the list cannot be asked for one project's."""
        ids: list[str] = []
        for offset in range(0, _MOST_LOOKED_AT, _PAGE):
            page = self._client.list_workflows(
                name=[kind.value for kind in JobKind],
                limit=_PAGE,
                offset=offset,
                sort_desc=True,
                load_input=False,
                load_output=False,
            )
            ids += [s.workflow_id for s in page if project in (None, (s.attributes or {}).get("project"))]
            if len(page) < _PAGE or len(ids) >= limit:
                break
        return ids[:limit]

    def cancel(self, job_id: str) -> None:
        """Raises UserError when there is no such job or it has ended; what it has done is kept."""
        job = self.get(job_id)
        if job.state.has_ended:
            raise UserError(f"job {job_id!r} is {job.state.value}; only a waiting or running one can be cancelled")
        with self._reached():
            self._client.cancel_workflow(job_id)

    def resume(self, job_id: str) -> None:
        """Put a cancelled or failed job in line again; raises UserError for any other."""
        job = self.get(job_id)
        if job.state not in (JobState.CANCELLED, JobState.FAILED):
            raise UserError(f"job {job_id!r} is {job.state.value}; only a cancelled or failed one can be resumed")
        with self._reached():
            # Resuming would do nothing for a failed one: its outcome is known.
            self._client.rewind_workflow(job_id, application_version=APP_VERSION, queue_name=QUEUES[job.kind])

    def _job(self, status: WorkflowStatus, *, in_list: bool = False) -> Job:
        state = _STATES.get(status.status, JobState.FAILED)
        # One more query a job: in a list those that are done do without.
        asked = state is not JobState.DONE or not in_list
        progress = self._client.get_event(status.workflow_id, PROGRESS, timeout_seconds=0) if asked else None
        project, options = (status.input or {"args": ("?", {})})["args"]
        return Job(
            id=status.workflow_id,
            kind=JobKind(status.name),
            project=str(project),
            by=str((status.attributes or {}).get("by") or ""),
            options=options,
            state=state,
            progress=progress or {},
            result=status.output if isinstance(status.output, dict) else {},
            error=_one_line(status.error) if state is JobState.FAILED else "",
            created_at=_time(status.created_at or 0),
            updated_at=_time(status.updated_at or 0),
            started_at=None if status.dequeued_at is None else _time(status.dequeued_at),
            ended_at=None if status.completed_at is None else _time(status.completed_at),
        )

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            reason = next(iter(str(error.orig).strip().splitlines()), "no reason given")
            raise UserError(f"the jobs in {self._address} cannot be reached: {reason}") from error


@contextmanager
def open_jobs(settings: Settings) -> Iterator[JobStore]:
    store = JobStore(settings)
    try:
        yield store
    finally:
        store.close()


def _one_line(error: Exception | None) -> str:
    """What a user's error says; of a fault its kind too, as there is more in the worker's log."""
    if error is None:
        return "its worker ended each time it was taken up; see the worker's log"
    said = next(iter(str(error).strip().splitlines()), "")
    kind = getattr(error, "name", None) or type(error).__name__
    return said if kind == UserError.__name__ else f"internal error ({kind}): {said}"


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
