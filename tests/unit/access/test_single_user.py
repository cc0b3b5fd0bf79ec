"""Before there are users: who is let in, under which name, and where may be listened."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.datastructures import Headers

from db.engine import writing
from db.errors import UserError
from db.types import Role
from db.users import create_user
from workbench.access.single_user import Users, check_listening, is_local, single_user


@pytest.mark.parametrize(
    ("given", "name"), [("", "me"), ("  ", "me"), ("%D0%90%D0%BD%D0%BD%D0%B0", "Анна"), ("b", "b")]
)
def test_without_users_everybody_is_an_admin_under_the_name_they_give(given: str, name: str) -> None:
    asker = single_user(Headers({"x-annotator": given}))
    assert (asker.person, asker.role, asker.logged_in) == (name, Role.ADMIN, False)


@pytest.mark.parametrize("given", ["a%0Ab", "x" * 256, "%00"])
def test_what_cannot_be_a_name_is_refused(given: str) -> None:
    with pytest.raises(UserError, match="255 printable"):
        single_user(Headers({"x-annotator": given}))


def scope(client: tuple[str, int] | None, **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": client, "headers": raw}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1"])
def test_this_machine_is_let_in(address: str) -> None:
    assert is_local(scope((address, 5)))


@pytest.mark.parametrize("address", ["192.168.1.7", "10.0.0.1", "testclient", "0.0.0.0", "::ffff:10.0.0.1", ""])
def test_another_machine_is_not(address: str) -> None:
    assert not is_local(scope((address, 5)))
    assert not is_local(scope(None))


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "x_forwarded_host", "x_real_ip"])
def test_what_a_proxy_on_this_machine_hands_on_comes_from_elsewhere(header: str) -> None:
    assert not is_local(scope(("127.0.0.1", 5), **{header: "127.0.0.1"}))


def test_without_users_nothing_but_loopback_is_listened_on(sqlite: Engine) -> None:
    users = Users(sqlite)
    for host in ("127.0.0.1", "::1", "localhost"):
        check_listening(users, host)
    for host in ("0.0.0.0", "::", "192.168.1.7", "labels.shop.example"):
        with pytest.raises(UserError, match="workbench users add NAME --role admin") as refused:
            check_listening(users, host)
        assert host in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, "hash")
    check_listening(users, "0.0.0.0")


def test_that_there_is_nobody_can_be_remembered_for_a_moment(sqlite: Engine) -> None:
    now = [0.0]
    users = Users(sqlite, memory_s=0.25, clock=lambda: now[0])
    assert not users.exist()
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, "hash")
    now[0] = 0.2
    assert not users.exist()
    now[0] = 0.25
    assert users.exist()


def test_the_first_user_is_seen_at_once_and_remembered(sqlite: Engine) -> None:
    users = Users(sqlite)
    assert not users.exist()
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, "hash")
    assert users.exist()
    with sqlite.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users RENAME TO away")
    assert users.exist()
