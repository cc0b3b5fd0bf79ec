"""Sessions: alive until idle or too old, known by a token of which only a hash is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from db.engine import reading, writing
from db.sessions import SessionLimits, drop_ended, end_session, find_session, note_seen, start_session
from db.tables import SessionRow
from db.types import Role
from db.users import User, create_user, find_user, set_role

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LIMITS = SessionLimits(idle=timedelta(hours=12), longest=timedelta(days=7))


def root(engine: Engine) -> User:
    with writing(engine) as session:
        return find_user(session, "root") or create_user(session, "root", Role.ADMIN, "hash")


def start(engine: Engine, now: datetime = START) -> str:
    user = root(engine)
    with writing(engine) as session:
        return start_session(session, user, now=now)


def alive(engine: Engine, token: str, after: timedelta) -> bool:
    with reading(engine) as session:
        return find_session(session, token, limits=LIMITS, now=START + after) is not None


def test_only_a_hash_of_the_token_is_kept_and_no_two_are_alike(engine: Engine) -> None:
    tokens = {start(engine) for _ in range(20)}
    with reading(engine) as session:
        kept = set(session.scalars(select(SessionRow.token_hash)))
    assert len(tokens) == len(kept) == 20
    assert all(len(token) >= 43 for token in tokens)
    assert not tokens & kept


def test_a_session_ends_after_idle_hours_and_after_its_longest_days(engine: Engine) -> None:
    token = start(engine)
    assert alive(engine, token, timedelta(hours=12) - timedelta(seconds=1))
    assert not alive(engine, token, timedelta(hours=12))
    with writing(engine) as session:
        note_seen(session, token, now=START + timedelta(days=7) - timedelta(minutes=1))
    assert alive(engine, token, timedelta(days=7) - timedelta(seconds=1))
    assert not alive(engine, token, timedelta(days=7))


def test_the_role_is_the_one_of_now(engine: Engine) -> None:
    user, token = root(engine), start(engine)
    with writing(engine) as session:
        create_user(session, "other", Role.ADMIN, "hash")
        set_role(session, user, Role.ANNOTATOR)
    with reading(engine) as session:
        found = find_session(session, token, limits=LIMITS, now=START)
    assert found is not None
    assert (found.user.name, found.user.role) == ("root", Role.ANNOTATOR)


@pytest.mark.parametrize("token", ["", "x", "\udcff", "wb_session"])
def test_an_unknown_token_is_nobodys(engine: Engine, token: str) -> None:
    start(engine)
    assert not alive(engine, token, timedelta())


def test_a_logout_ends_one_session_and_no_other(engine: Engine) -> None:
    one, other = start(engine), start(engine)
    with writing(engine) as session:
        end_session(session, one)
    assert (alive(engine, one, timedelta()), alive(engine, other, timedelta())) == (False, True)


@given(ages=st.lists(st.integers(0, 10 * 24), max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_clearing_away_takes_exactly_what_is_over(sqlite: Engine, ages: list[int]) -> None:
    tokens = [start(sqlite, START - timedelta(hours=hours)) for hours in ages]
    before = [alive(sqlite, token, timedelta()) for token in tokens]
    with writing(sqlite) as session:
        drop_ended(session, limits=LIMITS, now=START)
    assert [alive(sqlite, token, timedelta()) for token in tokens] == before
    with writing(sqlite) as session:
        assert len(session.scalars(select(SessionRow)).all()) == sum(before)
        session.query(SessionRow).delete()
