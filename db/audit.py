"""The audit log: who changed what, from which value to which."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import AuditRow

# Says for whom a process works that somebody else started, as the worker does for whoever asked for a job.
ACTOR = "WORKBENCH_ACTOR"
_MAX_SUBJECT = 255
_acting_for: ContextVar[str] = ContextVar("acting_for", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `action` is a noun and a verb ("setting.set"), `subject` what was changed within the project.

    `old` and `new` are plain JSON values; None where there was or is nothing.
    """

    person: str
    action: str
    project: str | None = None
    subject: str = ""
    old: Any = None
    new: Any = None
    at: datetime | None = None
    id: int | None = None


def note_change(
    session: Session, action: str, *, project: str | None = None, subject: str = "", old: Any = None, new: Any = None
) -> None:
    """Add a change to the log, in the transaction that makes it; who did it is known from `db.engine.writing`."""
    session.add(
        AuditRow(
            person=session.info.get("by") or process_actor(),
            action=action,
            project=project,
            subject=subject[:_MAX_SUBJECT],
            old=old,
            new=new,
        )
    )


def list_changes(
    session: Session,
    *,
    project: str | None = None,
    person: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Change]:
    """Newest first, optionally of one project or person; `before` is an id to go on from."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if project is not None:
        query = query.where(AuditRow.project == project)
    if person is not None:
        query = query.where(AuditRow.person == person)
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [_change(row) for row in session.scalars(query)]


@contextmanager
def acting_for(person: str) -> Iterator[None]:
    """What this thread changes inside the block, it changes in the name of `person`; "" leaves it as it was."""
    before = _acting_for.set(person or _acting_for.get())
    try:
        yield
    finally:
        _acting_for.reset(before)


def process_actor() -> str:
    """Who works here: whom `acting_for` or else `WORKBENCH_ACTOR` names, else the system's user."""
    if named := _acting_for.get() or os.environ.get(ACTOR):
        return named
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        # A container may run as a number without a name.
        return "command line"


def _change(row: AuditRow) -> Change:
    return Change(
        id=row.id,
        person=row.person,
        action=row.action,
        project=row.project,
        subject=row.subject,
        old=row.old,
        new=row.new,
        at=row.at,
    )
