"""Leases: a queue's record is one person's for ten minutes, so that no two people do the same work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, select, update
from sqlalchemy.orm import Session

from db.annotation_log import STANDS
from db.bulk import insert_rows
from db.engine import serialise
from db.project_settings import get_settings
from db.queues import Queue, QueueItem, current_queue
from db.tables import AnnotationRow, LeaseRow, QueueItemRow, table_of, utcnow
from db.types import Project, Status

LEASE = timedelta(minutes=10)
_ANSWERS = tuple(status.value for status in Status if status.is_answer)


def lease(
    session: Session,
    project: Project,
    *,
    person: str,
    holder: str,
    want: int,
    have: Sequence[int] = (),
    now: datetime | None = None,
) -> list[QueueItem]:
    """The next `want` open items of the current queue that are free for this holder, leased to it.

    `have` are records the holder already has: their leases are renewed and they are not given again. A record is free
    if nobody else would then be over the project's overlap, no other tab of this person has it, and this person has not
    dealt with it. Needs a writing session.
    """
    now = now or utcnow()
    serialise(session, project.id)
    session.execute(delete(LeaseRow).where(LeaseRow.expires_at <= now))
    _renew(session, person, holder, have, now)
    queue = current_queue(session, project) if want > 0 else None
    if queue is None:
        return []
    free = _free(person, holder, get_settings(session, project).overlap, now)
    query = (
        select(QueueItemRow)
        .where(QueueItemRow.queue_id == queue.id, QueueItemRow.open, QueueItemRow.record_id.not_in(list(have)), free)
        .order_by(QueueItemRow.position)
        .limit(want)
    )
    items = [QueueItem(row.record_id, row.reason, row.score) for row in session.scalars(query)]
    _take(session, person, holder, [item.record_id for item in items], now)
    return items


def count_left(session: Session, project: Project, queue: Queue, person: str) -> int:
    """How many open items of the current queue this person has not dealt with."""
    # What closes an item need not be looked for among the open ones.
    overlap = get_settings(session, project).overlap
    leaves_open = (Status.SKIPPED.value, *(_ANSWERS if overlap > 1 else ()))
    own = select(AnnotationRow.record_id).where(
        AnnotationRow.project_id == project.id,
        AnnotationRow.person == person,
        AnnotationRow.status.in_(leaves_open),
        STANDS,
    )
    # Said like this, no index of open places is gone through, only the person's few records are looked up.
    still_open = QueueItemRow.open != false()
    dealt_with = select(func.count()).where(
        QueueItemRow.queue_id == queue.id, QueueItemRow.record_id.in_(own), still_open
    )
    return queue.open_items - (session.scalar(dealt_with) or 0)


def release(session: Session, *, person: str, holder: str) -> None:
    """Give back everything this holder has."""
    session.execute(delete(LeaseRow).where(LeaseRow.person == person, LeaseRow.holder == holder))


def _take(session: Session, person: str, holder: str, record_ids: Sequence[int], now: datetime) -> None:
    # A tab that lost its buffer may have some of them already.
    session.execute(delete(LeaseRow).where(LeaseRow.person == person, LeaseRow.record_id.in_(record_ids)))
    rows = [{"record_id": i, "person": person, "holder": holder, "expires_at": now + LEASE} for i in record_ids]
    insert_rows(session, table_of(LeaseRow), rows)


def _renew(session: Session, person: str, holder: str, have: Sequence[int], now: datetime) -> None:
    own = (LeaseRow.person == person, LeaseRow.holder == holder, LeaseRow.record_id.in_(list(have)))
    session.execute(update(LeaseRow).where(*own).values(expires_at=now + LEASE))


def _free(person: str, holder: str, overlap: int, now: datetime) -> ColumnElement[bool]:
    record = QueueItemRow.record_id
    in_force = and_(LeaseRow.record_id == record, LeaseRow.expires_at > now)
    taken = select(func.count()).where(in_force, LeaseRow.person != person).scalar_subquery()
    answered = (
        select(func.count(AnnotationRow.person.distinct()))
        .where(AnnotationRow.record_id == record, AnnotationRow.status.in_(_ANSWERS), STANDS)
        .scalar_subquery()
    )
    own_other_tab = exists().where(in_force, LeaseRow.person == person, LeaseRow.holder != holder)
    return and_(taken + answered < overlap, ~own_other_tab, ~_own_work(person))


def _own_work(person: str) -> ColumnElement[bool]:
    """Whether this person has dealt with an item's record: answered, skipped or flagged it."""
    return exists().where(
        AnnotationRow.record_id == QueueItemRow.record_id,
        AnnotationRow.person == person,
        AnnotationRow.status != Status.UNDONE.value,
        STANDS,
    )
