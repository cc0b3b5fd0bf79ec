"""Queues: the stored order of a project's records for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from db.engine import serialise
from db.tables import QueueItemRow, QueueRow
from db.types import Project


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A record's place; `reason` is a code like `margin|одежда|0.41|обувь|0.39`, put in words at the edge."""

    record_id: int
    reason: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    id: int
    strategy: str
    model_version: str | None
    open_items: int


def save_queue(
    session: Session, project: Project, strategy: str, items: Sequence[QueueItem], model_version: str | None = None
) -> int:
    """Make `items`, in this order, the queue that is served. Returns the queue's id, higher than any before.

    Of earlier queues of the project only the items go; that there was one, by which strategy and model, stays known.
    """
    earlier = select(QueueRow.id).where(QueueRow.project_id == project.id)
    session.execute(delete(QueueItemRow).where(QueueItemRow.queue_id.in_(earlier)))
    queue = QueueRow(project_id=project.id, strategy=strategy, model_version=model_version, open_items=len(items))
    session.add(queue)
    session.flush()
    if items:
        session.execute(insert(QueueItemRow), _rows(queue.id, items))
    return queue.id


def put_first(session: Session, project: Project, items: Sequence[QueueItem], reason: str) -> None:
    """Put open `items` before everything else in the current queue, also those it has already.

    Those that were put there for the same `reason` before go. Where there is no queue yet, nothing happens: whoever
    builds one has to know of them.
    """
    serialise(session, project.id)
    queue = current_queue(session, project)
    if queue is None or not items:
        return
    own = QueueItemRow.queue_id == queue.id
    replaced = or_(QueueItemRow.record_id.in_([item.record_id for item in items]), QueueItemRow.reason == reason)
    were_open = sum(session.scalars(delete(QueueItemRow).where(own, replaced).returning(QueueItemRow.open)))
    session.execute(update(QueueItemRow).where(own).values(position=QueueItemRow.position + len(items)))
    session.execute(insert(QueueItemRow), _rows(queue.id, items))
    more = len(items) - were_open
    session.execute(update(QueueRow).where(QueueRow.id == queue.id).values(open_items=QueueRow.open_items + more))


def _rows(queue_id: int, items: Sequence[QueueItem]) -> list[dict[str, Any]]:
    return [
        {
            "queue_id": queue_id,
            "record_id": item.record_id,
            "position": position,
            "score": item.score,
            "reason": item.reason[:255],
            "open": True,
        }
        for position, item in enumerate(items)
    ]


def current_queue(session: Session, project: Project) -> Queue | None:
    query = select(QueueRow).where(QueueRow.project_id == project.id).order_by(QueueRow.id.desc()).limit(1)
    row = session.scalar(query)
    if row is None:
        return None
    return Queue(id=row.id, strategy=row.strategy, model_version=row.model_version, open_items=row.open_items)


def queue_items(session: Session, queue_id: int, limit: int, *, only_open: bool = True) -> list[QueueItem]:
    """The first `limit` items in order."""
    query = select(QueueItemRow).where(QueueItemRow.queue_id == queue_id).order_by(QueueItemRow.position).limit(limit)
    if only_open:
        query = query.where(QueueItemRow.open)
    return [QueueItem(row.record_id, row.reason, row.score) for row in session.scalars(query)]


def count_open(session: Session, queue_id: int) -> int:
    return session.scalar(select(QueueRow.open_items).where(QueueRow.id == queue_id)) or 0


def set_open(session: Session, project: Project, record_ids: Sequence[int], is_open: bool) -> None:
    """Open or close the places of these records, and keep count: a count anew for every answer would be most of it."""
    queue = current_queue(session, project) if record_ids else None
    if queue is None:
        return
    places = (QueueItemRow.queue_id == queue.id, QueueItemRow.record_id.in_(record_ids), QueueItemRow.open != is_open)
    changed = session.scalars(
        update(QueueItemRow).where(*places).values(open=is_open).returning(QueueItemRow.record_id)
    )
    if (count := len(changed.all())) > 0:
        difference = count if is_open else -count
        session.execute(
            update(QueueRow).where(QueueRow.id == queue.id).values(open_items=QueueRow.open_items + difference)
        )
