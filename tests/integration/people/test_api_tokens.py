"""API tokens: a secret that is shown once, scopes, an end, and an owner who has to be active."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from db.api_tokens import ApiToken, Scope, create_token, find_token, list_tokens, note_used, revoke_token
from db.audit import list_changes
from db.engine import reading, writing
from db.errors import UserError
from db.tables import ApiTokenRow
from db.types import Role
from db.users import User, create_user, set_active

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def owner(engine: Engine) -> User:
    with writing(engine) as session:
        create_user(session, "root", Role.ADMIN, "hash")
        return create_user(session, "shop", Role.ANNOTATOR, "hash")


def make(engine: Engine, owner: User, days: int | None = None, *scopes: Scope) -> tuple[ApiToken, str]:
    with writing(engine, by="root") as session:
        return create_token(session, owner, " nightly ", scopes or [Scope.PREDICT], days=days, now=NOW)


def found(engine: Engine, secret: str, after: timedelta = timedelta()) -> ApiToken | None:
    with reading(engine) as session:
        return find_token(session, secret, now=NOW + after)


def test_the_secret_is_shown_once_and_only_its_hash_kept(engine: Engine, owner: User) -> None:
    token, secret = make(engine, owner, None, Scope.METRICS, Scope.PREDICT, Scope.PREDICT)
    assert secret.startswith("wb_")
    assert len(secret) >= 46
    assert (token.name, token.owner, token.scopes) == ("nightly", "shop", (Scope.PREDICT, Scope.METRICS))
    assert found(engine, secret) == token
    with reading(engine) as session:
        (row,) = session.scalars(select(ApiTokenRow))
        assert secret not in repr([row.token_hash, list_tokens(session), list_changes(session)])
        assert row.token_hash not in repr(list_changes(session))


def test_a_token_works_until_its_last_day(engine: Engine, owner: User) -> None:
    _, secret = make(engine, owner, 2)
    assert found(engine, secret, timedelta(days=2) - timedelta(seconds=1)) is not None
    assert found(engine, secret, timedelta(days=2)) is None
    assert found(engine, secret[:-1]) is None


def test_a_revoked_token_is_dead_and_stays_listed(engine: Engine, owner: User) -> None:
    token, secret = make(engine, owner)
    for _ in range(2):
        with writing(engine, by="root") as session:
            assert revoke_token(session, token.id, now=NOW).revoked_at == NOW
    assert found(engine, secret) is None
    with reading(engine) as session:
        assert [t.revoked_at for t in list_tokens(session)] == [NOW]
        assert [(c.person, c.action, c.subject) for c in list_changes(session)][:2] == [
            ("root", "token.revoke", f"{token.id}: nightly"),
            ("root", "token.create", f"{token.id}: nightly"),
        ]


def test_a_token_dies_with_its_owners_account_and_does_not_come_back(engine: Engine, owner: User) -> None:
    _, secret = make(engine, owner)
    with writing(engine) as session:
        inactive = set_active(session, owner, False)
    assert found(engine, secret) is None
    with pytest.raises(UserError, match="user 'shop' is not active"):
        make(engine, inactive)
    with writing(engine) as session:
        set_active(session, owner, True)
    assert found(engine, secret) is None


def test_use_is_noted(engine: Engine, owner: User) -> None:
    token, secret = make(engine, owner)
    assert token.used_at is None
    with writing(engine) as session:
        note_used(session, token, now=NOW)
    again = found(engine, secret)
    assert again is not None
    assert again.used_at == NOW


def test_bad_requests_name_what_is_wrong(engine: Engine, owner: User) -> None:
    with writing(engine) as session:
        for days in (0, -1, 3651):
            with pytest.raises(UserError, match="days: a whole number from 1 to 3650"):
                create_token(session, owner, "t", [Scope.PREDICT], days=days, now=NOW)
        with pytest.raises(UserError, match="scopes: predict, feedback, metrics"):
            create_token(session, owner, "t", [], now=NOW)
        with pytest.raises(UserError, match="token name"):
            create_token(session, owner, "a\nb", [Scope.PREDICT], now=NOW)
        with pytest.raises(UserError, match="no token 99"):
            revoke_token(session, 99, now=NOW)
