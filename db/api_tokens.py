"""Keys by which programs use the prediction API in the name of a person."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from db.audit import note_change
from db.errors import NotFoundError, UserError
from db.sessions import TOKEN_BYTES, token_hash
from db.tables import ApiTokenRow, UserRow
from db.users import User, check_name

# Known by its look, so that a scanner of repositories can find one that was committed.
PREFIX = "wb_"
MAX_DAYS = 3650
USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may be used for."""

    PREDICT = "predict"
    FEEDBACK = "feedback"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A key without its secret. `owner` is the person in whose name it acts."""

    id: int
    name: str
    owner: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    owner_active: bool

    def works(self, now: datetime) -> bool:
        expired = self.expires_at is not None and now >= self.expires_at
        return self.owner_active and self.revoked_at is None and not expired


def create_token(
    session: Session, owner: User, name: str, scopes: Iterable[Scope], *, days: int | None = None, now: datetime
) -> tuple[ApiToken, str]:
    """The token and its secret, which is shown once and nowhere kept.

    Raises UserError for a bad name, no scope, a number of days out of bounds, or an owner who is not active.
    """
    name = check_name(name, "token name")
    asked = set(scopes)
    chosen = tuple(scope for scope in Scope if scope in asked)
    if not chosen:
        raise UserError(f"token {name!r}: give it a scope; scopes: {', '.join(Scope)}")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise UserError(f"token {name!r}: days: a whole number from 1 to {MAX_DAYS} (got {days})")
    if not owner.active:
        raise UserError(f"token {name!r}: user {owner.name!r} is not active")
    secret = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    expires = None if days is None else now + timedelta(days=days)
    row = ApiTokenRow(
        user_id=owner.id,
        name=name,
        token_hash=token_hash(secret),
        scopes=[scope.value for scope in chosen],
        created_at=now,
        expires_at=expires,
    )
    session.add(row)
    session.flush()
    told = {"owner": owner.name, "scopes": row.scopes, "expires_at": None if expires is None else expires.isoformat()}
    note_change(session, "token.create", subject=f"{row.id}: {name}", new=told)
    return _token(session.execute(_with_owner().where(ApiTokenRow.id == row.id)).one()), secret


def list_tokens(session: Session) -> list[ApiToken]:
    """All there ever were, newest first."""
    return [_token(found) for found in session.execute(_with_owner().order_by(ApiTokenRow.id.desc()))]


def find_token(session: Session, secret: str, *, now: datetime) -> ApiToken | None:
    """The token with this secret, if it still works."""
    found = session.execute(_with_owner().where(ApiTokenRow.token_hash == token_hash(secret))).one_or_none()
    token = None if found is None else _token(found)
    return token if token is not None and token.works(now) else None


def note_used(session: Session, token: ApiToken, *, now: datetime) -> None:
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token.id).values(used_at=now))


def revoke_token(session: Session, token_id: int, *, now: datetime) -> ApiToken:
    """Raises NotFoundError for an unknown id; revoking again changes nothing."""
    found = session.execute(_with_owner().where(ApiTokenRow.id == token_id)).one_or_none()
    if found is None:
        raise NotFoundError(f"no token {token_id}; workbench tokens lists them")
    row, owner = found
    if row.revoked_at is None:
        row.revoked_at = now
        note_change(session, "token.revoke", subject=f"{row.id}: {row.name}", old={"owner": owner.name})
        session.flush()
    return _token(found)


def _with_owner() -> Select[ApiTokenRow, UserRow]:
    return select(ApiTokenRow, UserRow).join(UserRow, UserRow.id == ApiTokenRow.user_id)


def _token(found: Row[ApiTokenRow, UserRow]) -> ApiToken:
    row, owner = found
    return ApiToken(
        id=row.id,
        name=row.name,
        owner=owner.name,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        owner_active=owner.active,
    )
