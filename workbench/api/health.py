"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from db.engine import reading
from db.errors import UserError
from db.projects import list_projects
from workbench.serving.champion import Champions


def health_routes(engine: Engine, champions: Champions) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers; says nothing of what it needs."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        """200 when the database answers and every project that has a champion has one loaded; 503 with why not.

        While a newer version is being loaded, or cannot be, the one before it answers: that is ready, and shown.
        """
        detail = _missing(engine, champions)
        if detail is not None:
            response.status_code = 503
        return {"detail": detail or "ready", "champions": [asdict(state) for state in champions.states()]}

    return router


def _missing(engine: Engine, champions: Champions) -> str | None:
    try:
        with reading(engine) as session:
            list_projects(session)
    except (UserError, OperationalError) as error:
        return f"the database does not answer: {str(error).splitlines()[0]}"
    if not champions.looked:
        return "looking for champions"
    if not champions.watching:
        return "the watch for champions has ended by an internal fault; the log says more: restart the service"
    absent = [state for state in champions.states() if state.serving is None]
    if not absent:
        return None
    return "; ".join(f"project {s.project!r}: version {s.wanted}: {s.fault or 'being loaded'}" for s in absent)
