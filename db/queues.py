"""Queues: the stored order of a project's records for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

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
        session.execute(
            insert(QueueItemRow),
            [
                {
                    "queue_id": queue.id,
                    "record_id": item.record_id,
                    "position": position,
                    "score": item.score,
                    "reason": item.reason[:255],
                    "open": True,
                }
                for position, item in enumerate(items)
            ],
        )
    return queue.id


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
