"""The routes of the data page: files in, through a look and a trial; exports out; what the records are like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field
from sqlalchemy import Engine
from starlette.background import BackgroundTask

from db.types import Kind, Role
from workbench.access.routes import Person, needs
from workbench.exchange.cleaning import CLEANERS
from workbench.exchange.downloads import Downloads
from workbench.exchange.dry_run import dry_run
from workbench.exchange.exporting import Format, What
from workbench.exchange.kept import KeptFile
from workbench.exchange.preview import preview
from workbench.exchange.requests import ImportRequest, ProposalColumn
from workbench.exchange.uploads import TooLargeError, Uploads
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind
from workbench.quality.profile import profile
from workbench.ui.downloads import attachment
from workbench.web.bodies import Body, StoredText

_PIECE = 1 << 20
_MAX_COLUMNS = 50

_Name = Annotated[StoredText, Field(max_length=255)]
_Column = Annotated[StoredText, Field(max_length=10_000)]


class LookBody(Body):
    """Which sheet of a workbook, and what the project asks for, where that is known."""

    sheet: _Column | None = None
    kind: Kind | None = None


class ProposalBody(Body):
    column: _Column
    source: _Name
    score_column: _Column | None = None


class ImportBody(Body):
    """What an import is asked to do with an uploaded file; the fields are those of `ImportRequest`."""

    project: _Name
    kind: Kind | None = None
    text_column: _Column
    id_column: _Column | None = None
    group_column: _Column | None = None
    category_column: _Column | None = None
    labels_column: _Column | None = None
    tags_column: _Column | None = None
    as_annotation: bool = True
    by: _Name = ""
    blind: bool = False
    proposal_columns: Annotated[tuple[ProposalBody, ...], Field(max_length=_MAX_COLUMNS)] = ()
    cleaning: Annotated[tuple[_Name, ...], Field(max_length=len(CLEANERS))] = ()
    add_labels: bool = False
    sheet: _Column | None = None

    def request(self, file: KeptFile) -> ImportRequest:
        fields = self.model_dump(exclude={"proposal_columns"})
        columns = tuple(ProposalColumn(**column.model_dump()) for column in self.proposal_columns)
        return ImportRequest(path=file.path, name=file.name, proposal_columns=columns, **fields)


class ExportBody(Body):
    what: What
    format: Format


def data_routes(engine: Engine, uploads: Uploads, downloads: Downloads, desk: JobDesk) -> APIRouter:
    """Routes under /api/data: reviewers look and export, admins import."""
    router = APIRouter(prefix="/api/data", dependencies=[needs(Role.REVIEWER)])

    @router.get("")
    def about() -> dict[str, Any]:
        return {"upload_limit": uploads.limit, "cleaning": list(CLEANERS)}

    _add_uploads(router, uploads)
    _add_imports(router, engine, uploads, desk)
    _add_exports(router, engine, downloads)

    @router.get("/projects/{project}/profile")
    def profiled(project: str) -> dict[str, Any]:
        return asdict(profile(engine, project))

    return router


def _add_uploads(router: APIRouter, uploads: Uploads) -> None:
    @router.post("/uploads", status_code=201, dependencies=[needs(Role.ADMIN)])
    async def upload(request: Request) -> dict[str, Any]:
        """The body is the file itself; X-File-Name is its name, percent-encoded."""
        file = await _received(request, uploads)
        return {"id": file.id, "name": file.name, "size": file.path.stat().st_size}

    @router.delete("/uploads/{upload_id}", status_code=204, dependencies=[needs(Role.ADMIN)])
    def forget(upload_id: str) -> None:
        uploads.kept.forget(upload_id)

    @router.get("/uploads/{upload_id}/rejected", dependencies=[needs(Role.ADMIN)])
    def rejected(upload_id: str) -> FileResponse:
        file = uploads.rejected(upload_id)
        return FileResponse(file.path, media_type="text/csv; charset=utf-8", headers=attachment(file.name))


def _add_imports(router: APIRouter, engine: Engine, uploads: Uploads, desk: JobDesk) -> None:
    @router.post("/uploads/{upload_id}/preview", dependencies=[needs(Role.ADMIN)])
    def look(upload_id: str, body: LookBody) -> dict[str, Any]:
        return asdict(preview(uploads.get(upload_id), sheet=body.sheet, kind=body.kind))

    @router.post("/uploads/{upload_id}/trial", dependencies=[needs(Role.ADMIN)])
    def trial(upload_id: str, body: ImportBody) -> dict[str, Any]:
        return asdict(dry_run(engine, body.request(uploads.get(upload_id))))

    @router.post("/uploads/{upload_id}/import", status_code=202, dependencies=[needs(Role.ADMIN)])
    def start(upload_id: str, body: ImportBody, person: Person) -> dict[str, Any]:
        request = body.request(uploads.get(upload_id))
        # What refuses the whole file is said now, not by a worker later.
        dry_run(engine, request, rows=1)
        job = desk.add(JobKind.IMPORT, request.project, request.as_options(), by=person)
        return {"job": job.id}


def _add_exports(router: APIRouter, engine: Engine, downloads: Downloads) -> None:
    @router.post("/projects/{project}/exports", status_code=201)
    def export(project: str, body: ExportBody) -> dict[str, Any]:
        made = downloads.make(engine, project, what=body.what, format=body.format)
        return {"id": made.file.id, "name": made.file.name, "rows": made.rows, "size": made.size}

    @router.get("/exports/{export_id}")
    def fetch(export_id: str) -> FileResponse:
        """The file, once: it is removed when it has been sent."""
        file = downloads.kept.get(export_id)
        sent = BackgroundTask(downloads.kept.forget, file.id)
        return FileResponse(file.path, headers=attachment(file.name), background=sent)


async def _received(request: Request, uploads: Uploads) -> KeptFile:
    told = request.headers.get("content-length", "")
    name = unquote(request.headers.get("x-file-name", ""))
    try:
        incoming = await run_in_threadpool(uploads.begin, name, told=int(told) if told.isdecimal() else None)
        try:
            async for piece in _pieces(request):
                await run_in_threadpool(incoming.write, piece)
            return await run_in_threadpool(incoming.finish)
        except BaseException:
            incoming.drop()
            raise
    except TooLargeError as error:
        # Who goes on sending is not listened to.
        raise HTTPException(413, str(error), headers={"connection": "close"}) from None


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a thread's while."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)
