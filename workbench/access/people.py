"""Users and tokens, as the command line and the Users page change them: each call is one transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from db.api_tokens import ApiToken, Scope, create_token, list_tokens, revoke_token
from db.engine import reading, writing
from db.tables import utcnow
from db.types import Role
from db.users import User, create_user, get_user, list_users, set_active, set_password, set_role
from workbench.access.passwords import hash_password


def people(engine: Engine) -> list[User]:
    """By name, those who are no longer active too."""
    with reading(engine) as session:
        return list_users(session)


def add_user(engine: Engine, name: str, role: Role, password: str, *, by: str | None = None) -> User:
    """Raises UserError for a bad or taken name, a password of no use, or a first user who is no admin."""
    hashed = hash_password(password)
    with writing(engine, by=by) as session:
        return create_user(session, name, role, hashed)


def change_user(
    engine: Engine,
    name: str,
    *,
    role: Role | None = None,
    active: bool | None = None,
    password: str | None = None,
    by: str | None = None,
) -> User:
    """Change what is given. Raises UserError for an unknown user, a password of no use, or where no admin were left."""
    hashed = None if password is None else hash_password(password)
    with writing(engine, by=by) as session:
        user = get_user(session, name)
        if role is not None:
            user = set_role(session, user, role)
        if active is not None:
            user = set_active(session, user, active)
        if hashed is not None:
            set_password(session, user, hashed)
        return user


def tokens(engine: Engine) -> list[ApiToken]:
    """Newest first, those that no longer work too."""
    with reading(engine) as session:
        return list_tokens(session)


def add_token(
    engine: Engine, name: str, owner: str, scopes: Sequence[Scope], *, days: int | None = None, by: str | None = None
) -> tuple[ApiToken, str]:
    """The token and its secret, for showing once. Raises UserError as db.api_tokens does, and for an unknown owner."""
    with writing(engine, by=by) as session:
        return create_token(session, get_user(session, owner), name, scopes, days=days, now=utcnow())


def end_token(engine: Engine, token_id: int, *, by: str | None = None) -> ApiToken:
    """Raises UserError for an unknown one."""
    with writing(engine, by=by) as session:
        return revoke_token(session, token_id, now=utcnow())
