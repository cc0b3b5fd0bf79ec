"""The routes of the curation page: what to set up, and the one exchange that saves answers and brings records."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlalchemy import Engine

from db.label_sets import as_definition
from db.types import Role
from workbench.access.routes import Person, needs
from workbench.queues import curation
from workbench.queues.curation_types import Action, ActionKind, CurationItem, Suggestion, Synced
from workbench.queues.reasons import render_reason
from workbench.web.bodies import Body, StoredText

MAX_ACTIONS, MAX_WANT = 200, 50

_Id = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_RecordId = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Name = Annotated[StoredText, Field(max_length=255)]
# Moments that are one in every zone.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


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
    today_from: Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)] | None = None
    leaving: bool = False


def curate_routes(engine: Engine) -> APIRouter:
    """Routes under /api/annotate."""
    router = APIRouter(prefix="/api/annotate", dependencies=[needs(Role.ANNOTATOR)])

    @router.get("")
    def projects() -> dict[str, Any]:
        return {"projects": [{"name": p.name, "kind": p.kind} for p in curation.projects(engine)]}

    @router.get("/{project}")
    def setup(project: str) -> dict[str, Any]:
        found = curation.setup(engine, project)
        return {
            "name": found.name,
            "kind": found.kind,
            "labels": as_definition(found.label_set),
            "label_set_version": found.label_set.version,
            "guidelines": found.guidelines,
        }

    @router.post("/{project}/sync")
    def sync(project: str, body: SyncBody, person: Person) -> dict[str, Any]:
        return _synced(_exchange(engine, project, person, body))

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
