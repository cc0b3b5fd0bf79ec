"""Which workers are alive: each says so every few seconds, in the database, because it may run on another machine."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.tables import WorkerRow, utcnow

SAID_EVERY_S = 5.0
# Three words missed, and some more for clocks that differ.
ALIVE_S = 20.0
_FORGOTTEN_S = 3600.0


def say_alive(session: Session, name: str) -> None:
    """Note that this worker lives; rows of those long gone are cleared away."""
    row = session.get(WorkerRow, name)
    if row is None:
        session.add(WorkerRow(name=name))
    else:
        row.seen_at = utcnow()
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < utcnow() - timedelta(seconds=_FORGOTTEN_S)))


def say_gone(session: Session, name: str) -> None:
    session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def alive_workers(session: Session) -> list[str]:
    """The names of those that said something within the last `ALIVE_S` seconds."""
    fresh = WorkerRow.seen_at > utcnow() - timedelta(seconds=ALIVE_S)
    return list(session.scalars(select(WorkerRow.name).where(fresh).order_by(WorkerRow.name)))


def count_alive(session: Session) -> int:
    return len(alive_workers(session))
