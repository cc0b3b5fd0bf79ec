"""Roles on routes: who is let through, who is sent to log in, who is refused."""

from __future__ import annotations

import pytest
from fastapi import APIRouter

from db.types import Role
from workbench.access.routes import Person, me_routes, needs


def _router() -> APIRouter:
    router = APIRouter()

    @router.get("/name", dependencies=[needs(Role.REVIEWER)])
    def name(who: Person) -> str:
        return who

    return router


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), (Role.ANNOTATOR, 403), (Role.REVIEWER, 200), (Role.ADMIN, 200)]
)
def test_a_route_lets_through_its_role_and_those_above(client_of, role: Role | None, status: int) -> None:
    assert client_of(_router(), role=role).get("/name").status_code == status


def test_a_refusal_says_which_role_is_needed_and_which_one_has(client_of) -> None:
    answer = client_of(_router(), role=Role.ANNOTATOR, person="<b>ann</b>").get("/name")
    assert answer.json() == {"detail": "this needs the role reviewer; <b>ann</b> is annotator"}


def test_a_route_knows_the_name_of_who_asks(client_of) -> None:
    assert client_of(_router(), person="Анна").get("/name").json() == "Анна"


def test_a_page_can_ask_who_is_logged_in(client_of) -> None:
    answer = client_of(me_routes(), person="ann", role=Role.REVIEWER).get("/api/me")
    assert answer.json() == {"person": "ann", "role": "reviewer", "logged_in": True}
    assert answer.headers["cache-control"] == "no-store"
    assert client_of(me_routes(), role=None).get("/api/me").status_code == 401
