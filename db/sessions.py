"""Browsers that are logged in. A cookie holds a random token; the database only its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from db.tables import SessionRow, UserRow
from db.users import User, as_user

TOKEN_BYTES = 32
# `seen_at` is written at most so often: a person who labels asks every second.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """A session ends `idle` after its last request, and `longest` after the login at the latest."""

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
    query = (
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(SessionRow.token_hash == token_hash(token), UserRow.active)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, user = found
    if now >= row.seen_at + limits.idle or now >= row.created_at + limits.longest:
        return None
    return LoginSession(user=as_user(user), seen_at=row.seen_at)


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
