"""Where people hand jobs in, look after them and stop them: everything is checked, and noted with who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from db.audit import note_change
from db.engine import reading, writing
from db.errors import ForbiddenError, NotFoundError
from db.settings import Settings
from db.types import Role
from db.workers import count_alive
from workbench.jobs.checking import check_options, uploads_folder
from workbench.jobs.job import Job, JobKind
from workbench.jobs.log import LogPart, jobs_folder, log_of

if TYPE_CHECKING:
    from workbench.jobs.store import JobStore

# Who started one of these may also stop it, and take it up again.
_OWN = (JobKind.RETRAIN,)


def _needed(kind: JobKind, options: Mapping[str, Any]) -> Role:
    """A reviewer may train and let the gate decide; what changes the project or costs money is an admin's."""
    promotes = options.get("promote") == "always"
    return Role.REVIEWER if kind is JobKind.RETRAIN and not promotes else Role.ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDesk:
    """The jobs of one installation; `store` opens the list of them when it is needed."""

    settings: Settings
    engine: Engine
    store: Callable[[], JobStore]

    def add(self, kind: JobKind, project: str, options: Mapping[str, Any], *, by: str, role: Role = Role.ADMIN) -> Job:
        """Raises ForbiddenError where `role` may not ask for this, UserError for options that the job would fail by,
        and ConflictError for a file that another job is to import or is importing."""
        if not role.covers(_needed(kind, options)):
            raise ForbiddenError(f"this needs the role admin; {by} is {role.value}")
        checked = check_options(self.engine, self.settings, kind, project, options)
        store = self.store()
        file = str(checked["path"]) if kind is JobKind.IMPORT else None
        job = store.get(store.add(kind, project, checked, by=by, about=file))
        self._note("job.add", job, by, {"kind": kind.value, **checked})
        return job

    def get(self, job_id: str) -> Job:
        """Raises NotFoundError."""
        return self.store().get(job_id)

    def list(self, *, project: str | None = None, limit: int = 100) -> Sequence[Job]:
        """Newest first."""
        return self.store().list(project=project, limit=limit)

    def log(self, job_id: str, after: int | None) -> LogPart:
        """What the job wrote from `after` on, in bytes; None asks for the last lines."""
        return log_of(jobs_folder(self.settings.data), job_id).part(after)

    def cancel(self, job_id: str, *, by: str, role: Role) -> Job:
        """Raises UserError for a job that has ended, and for somebody else's where `role` is not admin."""
        return self._change(job_id, "job.cancel", by, role, lambda store: store.cancel)

    def resume(self, job_id: str, *, by: str, role: Role) -> Job:
        """Raises UserError for a job that was neither cancelled nor failed, and as `cancel` does."""
        return self._change(job_id, "job.resume", by, role, lambda store: store.resume)

    def may_change(self, job: Job, *, by: str, role: Role) -> bool:
        """Whether this person may cancel or resume it."""
        return role.covers(Role.ADMIN) or (job.kind in _OWN and job.by == by)

    def rejected_rows(self, job_id: str) -> tuple[Path, str]:
        """The file of the rows that an import did not take, and what to call it; raises NotFoundError without one."""
        job = self.get(job_id)
        name = str(job.result.get("rejected_file") or "")
        path = uploads_folder(self.settings.data) / Path(name).name
        if job.kind is not JobKind.IMPORT or not name or not path.is_file():
            raise NotFoundError(f"job {job_id!r} has no file of rejected rows")
        return path, f"{Path(str(job.options.get('name') or 'import')).stem}.rejected.csv"

    def workers(self) -> int:
        """How many workers are alive; with none, jobs wait."""
        with reading(self.engine) as session:
            return count_alive(session)

    def _change(
        self, job_id: str, action: str, by: str, role: Role, change: Callable[[JobStore], Callable[[str], None]]
    ) -> Job:
        store = self.store()
        job = store.get(job_id)
        if not self.may_change(job, by=by, role=role):
            raise ForbiddenError(f"job {job_id!r} is not a training of yours; ask an admin")
        change(store)(job_id)
        self._note(action, job, by, None)
        return store.get(job_id)

    def _note(self, action: str, job: Job, by: str, new: Any) -> None:
        with writing(self.engine, by=by) as session:
            note_change(session, action, project=job.project, subject=job.id, new=new)
