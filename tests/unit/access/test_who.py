from __future__ import annotations

from starlette.datastructures import State

from db.types import Role
from workbench.access.who import Asker, asker_of, set_asker


def test_where_nobody_said_who_asks_nobody_does() -> None:
    assert asker_of(State()) is None
    assert asker_of(State({"asker": "admin"})) is None


def test_who_was_told_asks() -> None:
    state: dict[str, object] = {}
    asker = Asker(person="ann", role=Role.REVIEWER, logged_in=True)
    set_asker(state, asker)
    assert asker_of(State(state)) == asker
