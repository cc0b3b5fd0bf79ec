"""What the worker starts by itself: a new queue after a promotion, after an import, and before one runs dry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.project_settings import get_settings
from db.projects import list_projects
from db.promotions import latest_promotion
from db.queues import count_open, current_queue
from db.records import count_records
from db.tables import ImportRow, QueueItemRow, QueueRow
from db.types import Project

LOW = 30


@dataclass(frozen=True, slots=True)
class Due:
    """A rescoring that is due. The key says what for, so that the same cause starts it once."""

    project: str
    key: str


def due_rescorings(engine: Engine) -> list[Due]:
    with reading(engine) as session:
        return [due for project in list_projects(session) for due in _of(session, project)]


def _of(session: Session, project: Project) -> Iterator[Due]:
    promotion = latest_promotion(session, project)
    if promotion is not None:
        yield Due(project.name, f"rescore-{project.id}-promotion-{promotion.id}")
    queue = current_queue(session, project)
    newest_import = session.scalar(
        select(func.max(ImportRow.id)).where(ImportRow.project_id == project.id, ImportRow.completed_at.is_not(None))
    )
    if queue is None:
        if count_records(session, project):
            yield Due(project.name, f"rescore-{project.id}-first-{newest_import or 0}")
        return
    if newest_import is not None and _completed_after(session, newest_import, queue.id):
        yield Due(project.name, f"rescore-{project.id}-import-{newest_import}")
    if _has_more(session, project, queue.id) and count_open(session, queue.id) < LOW:
        yield Due(project.name, f"rescore-{project.id}-after-{queue.id}")


def _completed_after(session: Session, import_id: int, queue_id: int) -> bool:
    completed = select(ImportRow.completed_at).where(ImportRow.id == import_id).scalar_subquery()
    return session.scalar(select(QueueRow.created_at < completed).where(QueueRow.id == queue_id)) is True


def _has_more(session: Session, project: Project, queue_id: int) -> bool:
    """Whether the queue was cut at its size, so that other records may still wait."""
    size = session.scalar(select(func.count()).where(QueueItemRow.queue_id == queue_id)) or 0
    return size >= get_settings(session, project).queue_size
