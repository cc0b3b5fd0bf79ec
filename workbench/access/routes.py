"""What routes ask for: a role, and the name of the person; and the route that says who one is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from db.types import Role
from workbench.access.who import Asker, asker_of


async def current_asker(request: Request) -> Asker:
    """Raises HTTPException 401 where nobody is known to ask."""
    asker = asker_of(request.state)
    if asker is None:
        raise HTTPException(401, "log in first")
    return asker


class NeedsRole:
    """A dependency that lets through who has at least `role`; a class, so that a test can find it on every route."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, asker: Annotated[Asker, Depends(current_asker)]) -> Asker:
        if not asker.role.covers(self.role):
            raise HTTPException(403, f"this needs the role {self.role.value}; {asker.person} is {asker.role.value}")
        return asker


def needs(role: Role) -> Any:
    """`dependencies=[needs(Role.REVIEWER)]` on a route or a router: 401 without a person, 403 with too low a role.

    In tests, the fixture `client_of` makes a client of a router whose requests come from somebody with a role.
    """
    return Depends(NeedsRole(role))


async def current_person(asker: Annotated[Asker, Depends(current_asker)]) -> str:
    """The name under which what is asked for is kept and noted."""
    return asker.person


Person = Annotated[str, Depends(current_person)]


def me_routes() -> APIRouter:
    """GET /api/me, which every page asks first."""
    router = APIRouter(prefix="/api/me", dependencies=[needs(Role.ANNOTATOR)])

    @router.get("")
    async def me(asker: Annotated[Asker, Depends(current_asker)], response: Response) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        person = asker.person if asker.logged_in else None
        return {"person": person, "role": asker.role.value, "logged_in": asker.logged_in}

    return router
