"""The routes of the curation page: what to set up, and the one exchange that saves answers and brings records."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, Field
from sqlalchemy import Engine

from db.errors import UserError
from db.label_sets import as_definition
from workbench.api.bodies import Body, StoredText
from workbench.queues import curation
from workbench.queues.curation_types import Action, ActionKind, CurationItem, Suggestion, Synced
from workbench.queues.reasons import render_reason

MAX_ACTIONS, MAX_WANT, MAX_BODY = 200, 50, 2_000_000
MAX_PERSON, DEFAULT_PERSON = 255, "me"

_Id = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_RecordId = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Name = Annotated[StoredText, Field(max_length=255)]
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class _OneLineRefusals(APIRoute):
    """A body at fault is told in one line. What was sent is not repeated: it may not even be writable as UTF-8."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"] if part != "body")
                raise HTTPException(422, f"{place}: {first['msg']}") from None

        return refuse


class ActionBody(Body):
    """One press of a key, as the page keeps it until it is saved."""

    cid: _Id
    record: _RecordId
    action: ActionKind
    category: _Name | None = None
    tags: Annotated[list[_Name], Field(max_length=200)] | None = None
    comment: Annotated[StoredText, Field(max_length=4000)] = ""
    duration_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    shown: Annotated[tuple[_RecordId, ...], Field(max_length=20)] = ()
    undoes: _Id | None = None


class SyncBody(Body):
    """`have` are the records in the page's buffer; `today_from` is its person's midnight; `leaving` closes the tab."""

    holder: _Id
    actions: Annotated[tuple[ActionBody, ...], Field(max_length=MAX_ACTIONS)] = ()
    want: Annotated[int, Field(ge=0, le=MAX_WANT)] = 0
    have: Annotated[tuple[_RecordId, ...], Field(max_length=200)] = ()
    today_from: Annotated[AwareDatetime, Field(ge=_EARLIEST)] | None = None
    leaving: bool = False


def current_person(request: Request) -> str:
    """Who is asking: the one who is logged in, else the name that the page was given, else "me"."""
    logged_in = getattr(request.state, "person", None)
    name = logged_in or unquote(request.headers.get("x-annotator", "")).strip() or DEFAULT_PERSON
    if len(name) > MAX_PERSON or not name.isprintable():
        raise HTTPException(422, f"a name has 1–{MAX_PERSON} printable characters")
    return str(name)


Person = Annotated[str, Depends(current_person)]


def limited_body(request: Request) -> None:
    """Refuse what is too large before reading it."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "Content-Length is required")
    if int(length) > MAX_BODY:
        raise HTTPException(413, f"at most {MAX_BODY} bytes")


def not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def annotate_routes(engine: Engine) -> APIRouter:
    """Routes under /api/annotate."""
    router = APIRouter(prefix="/api/annotate", dependencies=[Depends(not_stored)], route_class=_OneLineRefusals)

    @router.get("")
    def projects(request: Request) -> dict[str, Any]:
        names = [{"name": p.name, "kind": p.kind} for p in curation.projects(engine)]
        return {"projects": names, "person": getattr(request.state, "person", None)}

    @router.get("/{project}")
    def setup(project: str) -> dict[str, Any]:
        try:
            found = curation.setup(engine, project)
        except UserError as error:
            raise HTTPException(404, str(error)) from None
        return {
            "name": found.name,
            "kind": found.kind,
            "labels": as_definition(found.label_set),
            "label_set_version": found.label_set.version,
            "guidelines": found.guidelines,
        }

    @router.post("/{project}/sync", dependencies=[Depends(limited_body)])
    def sync(project: str, body: SyncBody, who: Person) -> dict[str, Any]:
        try:
            return _synced(_exchange(engine, project, who, body))
        except UserError as error:
            raise HTTPException(404, str(error)) from None

    return router


def _exchange(engine: Engine, project: str, person: str, body: SyncBody) -> Synced:
    synced = curation.sync(
        engine,
        project,
        person=person,
        holder=body.holder,
        actions=[_action(a) for a in body.actions],
        want=0 if body.leaving else body.want,
        have=body.have,
        since=body.today_from,
    )
    if body.leaving:
        curation.leave(engine, person=person, holder=body.holder)
    return synced


def _action(body: ActionBody) -> Action:
    return Action(
        client_id=body.cid,
        record_id=body.record,
        kind=body.action,
        category=body.category,
        tags=None if body.tags is None else tuple(body.tags),
        comment=body.comment,
        duration_ms=body.duration_ms,
        shown=tuple(body.shown),
        undoes=body.undoes,
    )


def _synced(synced: Synced) -> dict[str, Any]:
    return {
        "results": [
            {"cid": r.client_id, "refusal": None if r.refusal is None else asdict(r.refusal)} for r in synced.results
        ],
        "items": [_item(item) for item in synced.items],
        "progress": asdict(synced.progress),
        "label_set_version": synced.label_set_version,
    }


def _item(item: CurationItem) -> dict[str, Any]:
    return {
        "id": item.record_id,
        "name": item.external_id,
        "text": item.text,
        "reason": {language: render_reason(item.reason, language) for language in ("en", "ru")},
        "blind": item.blind,
        "group": item.group,
        "category": item.category,
        "attributes": dict(item.attributes),
        "suggestion": None if item.suggestion is None else _suggestion(item.suggestion),
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": suggestion.proposal_id,
        "category": suggestion.answer.category,
        "tags": suggestion.answer.tags,
        "score": suggestion.score,
        "probabilities": dict(suggestion.probabilities),
        "stage": suggestion.stage,
        "source": suggestion.source,
        "rationale": suggestion.rationale,
    }
