"""The routes of the records page: lists by filter, what can be filtered by, and one record's whole history."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from sqlalchemy import Engine

from db.errors import UserError
from db.types import Role
from workbench.access.routes import needs
from workbench.quality.history import record_history
from workbench.quality.history_types import Place, ToldAnnotation, ToldProposal
from workbench.quality.record_list import choices, list_records
from workbench.quality.record_request import read_request
from workbench.queues.reasons import render_reason
from workbench.serving.prediction_ids import read_id

_RecordId = Annotated[int, InPath(ge=1, le=2**63 - 1)]


def records_routes(engine: Engine, snapshots: Path) -> APIRouter:
    """Routes under /api/records; `snapshots` is the folder of the frozen ones."""
    router = APIRouter(prefix="/api/records", dependencies=[needs(Role.REVIEWER)])

    @router.get("/{project}")
    def listed(project: str, request: Request) -> dict[str, Any]:
        return asdict(list_records(engine, project, read_request(request.query_params)))

    @router.get("/{project}/choices")
    def to_choose(project: str) -> dict[str, Any]:
        return asdict(choices(engine, project))

    @router.get("/{project}/{record_id}")
    def history(project: str, record_id: _RecordId) -> dict[str, Any]:
        told = record_history(engine, project, record_id, snapshots=snapshots)
        return asdict(told) | {
            "proposals": [_proposal(one) for one in told.proposals],
            "annotations": [_annotation(project, one) for one in told.annotations],
            "place": None if told.place is None else _place(told.place),
        }

    return router


def _proposal(told: ToldProposal) -> dict[str, Any]:
    plain = asdict(told)
    return plain.pop("proposal") | plain


def _annotation(project: str, told: ToldAnnotation) -> dict[str, Any]:
    plain = asdict(told)
    return plain.pop("annotation") | plain | {"predicted_by": _predicted_by(project, told.annotation.prediction_id)}


def _predicted_by(project: str, prediction_id: str | None) -> str | None:
    """The version of the model whose prediction was answered to."""
    if prediction_id is None:
        return None
    try:
        return read_id(project, prediction_id).version
    except UserError:
        # Given out under a name that the project no longer has.
        return None


def _place(place: Place) -> dict[str, Any]:
    words = {language: render_reason(place.reason, language) for language in ("en", "ru")}
    return asdict(place) | {"reason": words}
