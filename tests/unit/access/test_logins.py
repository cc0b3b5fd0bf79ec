"""The way in: right and wrong passwords, and how long the wrong ones have to wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from db.engine import reading, writing
from db.sessions import SessionLimits, find_session
from db.tables import utcnow
from db.types import Role
from db.users import create_user, find_user, password_hash_of, set_active, set_password
from workbench.access import logins as module
from workbench.access.logins import Login, Logins, TooManyTriesError, WrongPasswordError
from workbench.access.passwords import is_outdated

RIGHT, HOME, ELSEWHERE = "correct horse", "10.0.0.1", "10.9.9.9"
T = TypeVar("T")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(sqlite: Engine, clock: Clock) -> Logins:
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, QUICK.hash(RIGHT))
        create_user(session, "Анна", Role.ANNOTATOR, QUICK.hash(RIGHT))
    return Logins(sqlite, SessionLimits(), clock=clock)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.access.passwords._hasher", lambda: QUICK)
    monkeypatch.setattr("workbench.access.passwords._nobodys_hash", lambda: QUICK.hash("x"))


def in_a_loop(run: Callable[[], Awaitable[T]]) -> T:
    """What `run` returns, in a thread of its own: a browser that these tests drive keeps a loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, run).result()


def enter(logins: Logins, name: str = "анна", password: str = RIGHT, address: str = HOME, **more: str) -> Login:
    async def run() -> Login:
        return await logins.login(name, password, address, **more)

    return in_a_loop(run)


def outcomes(logins: Logins, times: int, **asked: str) -> list[str]:
    found = []
    for _ in range(times):
        try:
            enter(logins, **asked)
            found.append("in")
        except WrongPasswordError:
            found.append("wrong")
        except TooManyTriesError as error:
            found.append(f"wait {error.seconds}")
    return found


def test_the_right_password_opens_a_session_under_the_name_as_it_was_made(logins: Logins, sqlite: Engine) -> None:
    login = enter(logins, name=" АННА ".strip())
    assert login.user.name == "Анна"
    with reading(sqlite) as session:
        assert find_session(session, login.token, limits=SessionLimits(), now=utcnow()) is not None


@pytest.mark.parametrize("name", ["анна", "nobody", "", "a\x00b", "\ud800", "x" * 5000])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(logins: Logins, name: str) -> None:
    with pytest.raises(WrongPasswordError, match="the name or the password is wrong"):
        enter(logins, name=name, password="wrong horse")


def test_an_inactive_person_is_told_the_same(logins: Logins, sqlite: Engine) -> None:
    with writing(sqlite) as session:
        anna = find_user(session, "анна")
        assert anna is not None
        set_active(session, anna, False)
    with pytest.raises(WrongPasswordError):
        enter(logins)


def test_after_five_wrong_passwords_even_the_right_one_waits(logins: Logins, clock: Clock) -> None:
    assert outcomes(logins, 10, password="wrong") == ["wrong"] * 5 + ["wait 30"] * 5
    assert outcomes(logins, 1) == ["wait 30"]
    assert outcomes(logins, 1, name="root") == ["in"], "another name is not held up"
    clock.now += 30
    assert outcomes(logins, 1) == ["in"]
    assert outcomes(logins, 5, password="wrong") == ["wrong"] * 5, "a login clears what was wrong before"


def test_waiting_grows_and_spelling_the_name_otherwise_does_not_help(logins: Logins, clock: Clock) -> None:
    outcomes(logins, 5, password="wrong")
    waits = []
    for name in ("АННА", "анна", "Анна"):
        (told,) = outcomes(logins, 1, name=name, password="wrong")
        waits.append(int(told.removeprefix("wait ")))
        clock.now += waits[-1]
        assert outcomes(logins, 1, name=name, password="wrong") == ["wrong"]
    assert waits == [30, 60, 120]


def test_an_address_that_tries_many_names_waits(logins: Logins) -> None:
    told = [outcomes(logins, 1, name=f"guess {number}", password="wrong")[0] for number in range(22)]
    assert told == ["wrong"] * 20 + ["wait 30"] * 2
    assert outcomes(logins, 1) == ["wait 30"]
    assert outcomes(logins, 1, address=ELSEWHERE) == ["in"]


def test_a_login_of_ones_own_does_not_buy_more_guesses(logins: Logins) -> None:
    for number in range(19):
        assert outcomes(logins, 1, name=f"guess {number}", password="wrong") == ["wrong"]
        if number < 18:
            assert outcomes(logins, 1) == ["in"]
    assert outcomes(logins, 1, name="guess", password="wrong") == ["wrong"]
    assert outcomes(logins, 1, name="another", password="wrong") == ["wait 30"]


def test_strangers_cannot_lock_a_person_out_of_their_own_place(logins: Logins) -> None:
    enter(logins)
    assert outcomes(logins, 6, password="wrong", address=ELSEWHERE)[-1] == "wait 30"
    assert outcomes(logins, 1) == ["in"]
    assert outcomes(logins, 6, password="wrong")[-1] == "wait 30", "that place has tries of its own, not endless ones"


def test_neighbours_who_guess_do_not_lock_out_who_has_come_in_from_there_before(logins: Logins) -> None:
    enter(logins)
    told = [outcomes(logins, 1, name=f"guess {number}", password="wrong")[0] for number in range(22)]
    assert told[-1] == "wait 30"
    assert outcomes(logins, 1) == ["in"]


def test_one_network_of_ipv6_is_one_place(logins: Logins) -> None:
    for number in range(20):
        outcomes(logins, 1, name=f"guess {number}", password="wrong", address=f"2001:db8::{number:x}")
    assert outcomes(logins, 1, address="2001:db8::ffff") == ["wait 30"]
    assert outcomes(logins, 1, address="2001:db8:0:1::1") == ["in"]


def test_many_tries_at_once_gain_nothing(logins: Logins) -> None:
    told: list[str] = []

    async def one() -> None:
        try:
            await logins.login("анна", "wrong", HOME)
        except WrongPasswordError:
            told.append("wrong")
        except TooManyTriesError:
            told.append("wait")

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(30):
                group.start_soon(one)

    in_a_loop(many)
    assert sorted(told) == ["wait"] * 25 + ["wrong"] * 5


def test_every_login_has_a_token_of_its_own_and_ends_the_one_before(logins: Logins, sqlite: Engine) -> None:
    def alive(token: str) -> bool:
        with reading(sqlite) as session:
            return find_session(session, token, limits=SessionLimits(), now=utcnow()) is not None

    first = enter(logins)
    second = enter(logins, old_token=first.token)
    planted = enter(logins, old_token="planted by somebody else")
    assert len({first.token, second.token, planted.token, "planted by somebody else"}) == 4
    assert [alive(login.token) for login in (first, second, planted)] == [False, True, True]
    logins.logout(second.token)
    assert not alive(second.token)


def test_a_hash_of_old_parameters_is_renewed_and_sessions_stay(
    logins: Logins, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = enter(logins)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr("workbench.access.passwords._hasher", lambda: stronger)
    enter(logins)
    with reading(sqlite) as session:
        anna = find_user(session, "анна")
        assert anna is not None
        assert not is_outdated(password_hash_of(session, anna))
        assert find_session(session, first.token, limits=SessionLimits(), now=utcnow()) is not None


def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    logins: Logins, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = module.is_password

    def slow(kept: str | None, password: str) -> bool:
        right = checked(kept, password)
        with writing(sqlite) as session:
            anna = find_user(session, "анна")
            assert anna is not None
            set_password(session, anna, QUICK.hash("another one"))
        return right

    monkeypatch.setattr(module, "is_password", slow)
    with pytest.raises(WrongPasswordError):
        enter(logins)
