"""The people who may log in: their names, roles and passwords' hashes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from db.audit import note_change
from db.engine import serialise
from db.errors import ConflictError, NotFoundError, UserError
from db.tables import ApiTokenRow, SessionRow, UserRow, utcnow
from db.types import Role

MAX_NAME = 255
# The lock that every change of users takes, so that two of them cannot together leave no admin.
_PEOPLE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with a role. Nobody is ever deleted, because the annotations name them; who left is inactive."""

    id: int
    name: str
    role: Role
    active: bool
    created_at: datetime


def check_name(name: str, what: str = "user name") -> str:
    """`name` without spaces around it; raises UserError where it is empty, too long or cannot be printed."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= MAX_NAME or not stripped.isprintable():
        raise UserError(f"{what} {name[:80]!r}: use 1–{MAX_NAME} printable characters")
    return stripped


def name_key(name: str) -> str:
    """The name as it is compared: "Ann", "ann" and their full-width twins are one person."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Folding can take a letter apart, and compatible forms hold spaces of their own.
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def any_users(session: Session) -> bool:
    """Whether there is anybody to log in, active or not."""
    return bool(session.scalar(select(exists(select(UserRow.id)))))


def list_users(session: Session) -> list[User]:
    return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name_key))]


def find_user(session: Session, name: str) -> User | None:
    row = session.scalar(select(UserRow).where(UserRow.name_key == name_key(name)))
    return None if row is None else _user(row)


def get_user(session: Session, name: str) -> User:
    """Raises NotFoundError saying how to make one."""
    user = find_user(session, name)
    if user is None:
        raise NotFoundError(f"no user {name[:80]!r}; workbench users lists them, workbench users add makes one")
    return user


def create_user(session: Session, name: str, role: Role, password_hash: str) -> User:
    """Raises UserError for a bad or taken name, and for a first user who is no admin."""
    serialise(session, _PEOPLE)
    name = check_name(name)
    key = name_key(name)
    if len(key) > MAX_NAME:
        raise UserError(f"user name {name[:80]!r}: shorter, please; written out it has over {MAX_NAME} characters")
    if (taken := find_user(session, name)) is not None:
        raise ConflictError(f"user {taken.name!r} exists already; names that differ only by case are the same")
    if role is not Role.ADMIN and not any_users(session):
        raise UserError(f"user {name!r}: the first user has to be an admin, who can then add others: --role admin")
    row = UserRow(name=name, name_key=key, role=role.value, password_hash=password_hash)
    session.add(row)
    session.flush()
    note_change(session, "user.create", subject=name, new={"role": role.value})
    return _user(row)


def set_role(session: Session, user: User, role: Role) -> User:
    """Raises UserError where it would leave no active admin."""
    row = _changing(session, user)
    if row.role != role.value:
        if role is not Role.ADMIN:
            _keep_an_admin(session, row)
        note_change(session, "user.role", subject=row.name, old=row.role, new=role.value)
        row.role = role.value
        session.flush()
    return _user(row)


def set_active(session: Session, user: User, active: bool) -> User:
    """Let a person in or shut them out, which ends their sessions and tokens for good.

    Raises UserError where it would leave no active admin.
    """
    row = _changing(session, user)
    if row.active != active:
        if not active:
            _keep_an_admin(session, row)
            _end_sessions(session, row)
            _revoke_tokens(session, row)
        note_change(session, "user.active", subject=row.name, old=row.active, new=active)
        row.active = active
        session.flush()
    return _user(row)


def set_password(session: Session, user: User, password_hash: str) -> None:
    """All of the user's sessions end: whoever knew the old password is out."""
    row = _changing(session, user)
    row.password_hash = password_hash
    _end_sessions(session, row)
    note_change(session, "user.password", subject=row.name)
    session.flush()


def renew_hash(session: Session, user: User, password_hash: str) -> None:
    """The same password under today's parameters: nobody notices."""
    _changing(session, user).password_hash = password_hash
    session.flush()


def password_hash_of(session: Session, user: User) -> str:
    return session.scalars(select(UserRow.password_hash).where(UserRow.id == user.id)).one()


def _user(row: UserRow) -> User:
    return User(id=row.id, name=row.name, role=Role(row.role), active=row.active, created_at=row.created_at)


def _changing(session: Session, user: User) -> UserRow:
    serialise(session, _PEOPLE)
    return session.scalars(select(UserRow).where(UserRow.id == user.id).execution_options(populate_existing=True)).one()


def _keep_an_admin(session: Session, row: UserRow) -> None:
    others = select(func.count()).where(UserRow.role == Role.ADMIN.value, UserRow.active, UserRow.id != row.id)
    if row.active and row.role == Role.ADMIN.value and not session.scalar(others):
        raise UserError(f"user {row.name!r} is the last active admin; make somebody else an admin first")


def _revoke_tokens(session: Session, row: UserRow) -> None:
    """For good: who is let in again makes new ones."""
    standing = (ApiTokenRow.user_id == row.id, ApiTokenRow.revoked_at.is_(None))
    session.execute(update(ApiTokenRow).where(*standing).values(revoked_at=utcnow()))


def _end_sessions(session: Session, row: UserRow) -> None:
    session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
