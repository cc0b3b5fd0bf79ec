"""Browsers that are logged in. A cookie holds a random token; the database only its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from db.tables import SessionRow, UserRow
from db.types import Role
from db.users import User

TOKEN_BYTES = 32
# `seen_at` is written at most so often: a person who labels asks every second.
SEEN_EVERY = timedelta(minutes=1)
# Asked at every request: columns cost half of what objects do.
_FOUND = (
    select(SessionRow.created_at, SessionRow.seen_at, UserRow.id, UserRow.name, UserRow.role, UserRow.created_at)
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(SessionRow.token_hash == bindparam("token_hash"), UserRow.active)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """A session ends `idle` after the last request that a person made, and `longest` after the login at the latest."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """A session that has not ended, and the person as they are now."""

    user: User
    seen_at: datetime


def start_session(session: Session, user: User, *, now: datetime) -> str:
    """Returns the token, which is nowhere else; every login has a new one."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(SessionRow(token_hash=token_hash(token), user_id=user.id, created_at=now, seen_at=now))
    session.flush()
    return token


def find_session(session: Session, token: str, *, limits: SessionLimits, now: datetime) -> LoginSession | None:
    """None for an unknown or ended session, and for one of a person who is no longer active."""
    found = session.execute(_FOUND, {"token_hash": token_hash(token)}).one_or_none()
    if found is None:
        return None
    begun_at, seen_at, user_id, name, role, created_at = found
    if now >= seen_at + limits.idle or now >= begun_at + limits.longest:
        return None
    user = User(id=user_id, name=name, role=Role(role), active=True, created_at=created_at)
    return LoginSession(user=user, seen_at=seen_at)


def note_seen(session: Session, token: str, *, now: datetime) -> None:
    session.execute(update(SessionRow).where(SessionRow.token_hash == token_hash(token)).values(seen_at=now))


def end_session(session: Session, token: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash(token)))


def drop_ended(session: Session, *, limits: SessionLimits, now: datetime) -> None:
    """Clear away the sessions that are over."""
    over = or_(SessionRow.seen_at <= now - limits.idle, SessionRow.created_at <= now - limits.longest)
    session.execute(delete(SessionRow).where(over))


def token_hash(token: str) -> str:
    """SHA-256 is enough for 32 random bytes: unlike a password, they cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
