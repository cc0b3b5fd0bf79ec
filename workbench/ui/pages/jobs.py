"""What the Jobs page asks: the list, one job with its log, stopping it and taking it up again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse

from db.types import Role
from workbench.access.routes import current_asker, needs
from workbench.access.who import Asker
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import Job

_Asker = Annotated[Asker, Depends(current_asker)]


def jobs_routes(desk: JobDesk) -> APIRouter:
    """Routes under /api/jobs."""
    router = APIRouter(prefix="/api/jobs", dependencies=[needs(Role.REVIEWER)])

    @router.get("")
    def jobs(asker: _Asker, project: str | None = None) -> dict[str, Any]:
        found = desk.list(project=project or None)
        return {"jobs": [_plain(job, desk, asker) for job in found], "workers": desk.workers()}

    @router.get("/{job_id}")
    def job(job_id: str, asker: _Asker) -> dict[str, Any]:
        return _plain(desk.get(job_id), desk, asker) | {"workers": desk.workers()}

    @router.get("/{job_id}/log")
    def log(job_id: str, after: Annotated[int | None, Query(ge=0)] = None) -> dict[str, Any]:
        return asdict(desk.log(job_id, after))

    @router.get("/{job_id}/rejected")
    def rejected(job_id: str) -> FileResponse:
        path, name = desk.rejected_rows(job_id)
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename=name)

    @router.post("/{job_id}/cancel")
    def cancel(job_id: str, asker: _Asker) -> dict[str, Any]:
        return _plain(desk.cancel(job_id, by=asker.person, role=asker.role), desk, asker)

    @router.post("/{job_id}/resume")
    def resume(job_id: str, asker: _Asker) -> dict[str, Any]:
        return _plain(desk.resume(job_id, by=asker.person, role=asker.role), desk, asker)

    return router


def _plain(job: Job, desk: JobDesk, asker: Asker) -> dict[str, Any]:
    return asdict(job) | {"may_change": desk.may_change(job, by=asker.person, role=asker.role)}
