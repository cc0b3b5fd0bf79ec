"""The page of changes: who changed what, from which value to which."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Engine

from db.audit import Change, list_changes
from db.engine import reading
from db.types import Role
from workbench.access.routes import needs
from workbench.web.bodies import StoredText

_PAGE = 100


def audit_routes(engine: Engine) -> APIRouter:
    """Routes under /api/audit."""
    router = APIRouter(prefix="/api/audit", dependencies=[needs(Role.ADMIN)])

    @router.get("")
    def changes(
        project: StoredText | None = None,
        person: StoredText | None = None,
        before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    ) -> dict[str, Any]:
        with reading(engine) as session:
            # One more than is shown tells whether there are older ones.
            found = list_changes(session, project=project, person=person, before=before, limit=_PAGE + 1)
        return {"changes": [_change(one) for one in found[:_PAGE]], "more": len(found) > _PAGE}

    return router


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "at": change.at,
        "person": change.person,
        "action": change.action,
        "project": change.project,
        "subject": change.subject,
        "old": change.old,
        "new": change.new,
    }
