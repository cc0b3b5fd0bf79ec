from __future__ import annotations

import pytest
from starlette.datastructures import State

from db.errors import UserError
from db.types import Role
from workbench.access.who import asker_of, single_user


@pytest.mark.parametrize(
    ("given", "name"), [("", "me"), ("  ", "me"), ("%D0%90%D0%BD%D0%BD%D0%B0", "Анна"), ("b", "b")]
)
def test_without_users_everybody_is_an_admin_under_the_name_they_give(given: str, name: str) -> None:
    asker = single_user(given)
    assert (asker.person, asker.role, asker.logged_in) == (name, Role.ADMIN, False)


@pytest.mark.parametrize("given", ["a%0Ab", "x" * 256, "%00"])
def test_what_cannot_be_a_name_is_refused(given: str) -> None:
    with pytest.raises(UserError, match="255 printable"):
        single_user(given)


def test_where_nobody_said_who_asks_nobody_does() -> None:
    assert asker_of(State()) is None
    assert asker_of(State({"asker": "admin"})) is None
