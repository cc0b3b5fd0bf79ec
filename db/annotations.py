"""The append-only log of what people did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.engine import serialise
from db.project_settings import get_settings
from db.queues import set_open
from db.records import chunks
from db.tables import AnnotationRow, LeaseRow, QueueItemRow, table_of, utcnow
from db.types import Annotation, Answer, Project, Status
from db.visibility import visible


def save_annotations(
    session: Session, project: Project, annotations: Sequence[Annotation], *, import_id: int | None = None
) -> int:
    """Append `annotations`; one whose client id is already in the log is left out. Returns how many were new.

    Queue items of the records are closed or opened again accordingly, and the people's leases on them end. An import
    does so once, when it completes (`refresh_queue_items`).
    """
    serialise(session, project.id)
    known = _known_client_ids(session, [a.client_id for a in annotations if a.client_id is not None])
    fresh: dict[str, Annotation] = {}
    for annotation in annotations:
        if annotation.client_id not in known:
            fresh.setdefault(annotation.client_id or _own_client_id(annotation, import_id), annotation)
    if not fresh:
        return 0
    rows = [_columns(project, a, client_id, import_id) for client_id, a in fresh.items()]
    insert_rows(session, table_of(AnnotationRow), rows)
    if import_id is None:
        for annotation in fresh.values():
            session.execute(
                delete(LeaseRow).where(LeaseRow.record_id == annotation.record_id, LeaseRow.person == annotation.person)
            )
        refresh_queue_items(session, project, list({a.record_id for a in fresh.values()}))
    return len(fresh)


def refresh_queue_items(session: Session, project: Project, record_ids: Sequence[int]) -> None:
    """Open or close the queue items of these records by what their annotations now say."""
    overlap = get_settings(session, project).overlap
    for chunk in chunks(_queued(session, record_ids)):
        log = annotations_for(session, chunk)
        closed = [i for i in chunk if not wants_people(log.get(i, ()), overlap)]
        opened = sorted(set(chunk) - set(closed))
        set_open(session, project, closed, False)
        set_open(session, project, opened, True)


def _queued(session: Session, record_ids: Sequence[int]) -> list[int]:
    queued: list[int] = []
    for chunk in chunks(record_ids):
        queued += session.scalars(select(QueueItemRow.record_id).where(QueueItemRow.record_id.in_(chunk)).distinct())
    return queued


def wants_people(annotations: Iterable[Annotation], overlap: int) -> bool:
    """Whether a record still waits for an answer: too few people gave one, nobody flagged or adjudicated it. Pure."""
    stand = standing(annotations)
    answered = {a.person for a in stand if a.status.is_answer}
    closed = any(a.status in (Status.FLAGGED, Status.ADJUDICATED) for a in stand)
    return len(answered) < overlap and not closed


def standing(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The annotations that hold: neither undone nor an undoing. Pure; keeps the order."""
    rows = list(annotations)
    undone = {a.undoes for a in rows if a.status is Status.UNDONE}
    return [a for a in rows if a.status is not Status.UNDONE and a.client_id not in undone]


def annotations_for(
    session: Session, record_ids: Sequence[int], *, unfinished: int | None = None
) -> dict[int, list[Annotation]]:
    """Visible annotations of these records, oldest first; records without any are left out.

    `unfinished` is an import whose rows count although it has not completed: its own, while it runs.
    """
    found: dict[int, list[Annotation]] = {}
    for chunk in chunks(record_ids):
        query = (
            select(*_FIELDS)
            .where(AnnotationRow.record_id.in_(chunk), visible(AnnotationRow, unfinished=unfinished))
            .order_by(AnnotationRow.id)
        )
        for row in session.execute(query):
            found.setdefault(row.record_id, []).append(_annotation(row))
    return found


def all_annotations(session: Session, project: Project) -> dict[int, list[Annotation]]:
    """Every visible annotation of the project by record id, oldest first."""
    found: dict[int, list[Annotation]] = {}
    query = (
        select(*_FIELDS)
        .where(AnnotationRow.project_id == project.id, visible(AnnotationRow))
        .order_by(AnnotationRow.id)
    )
    for row in session.execute(query):
        found.setdefault(row.record_id, []).append(_annotation(row))
    return found


def _known_client_ids(session: Session, client_ids: Sequence[str]) -> set[str | None]:
    known: set[str | None] = set()
    for chunk in chunks(client_ids):
        known |= set(session.scalars(select(AnnotationRow.client_id).where(AnnotationRow.client_id.in_(chunk))))
    return known


def _own_client_id(annotation: Annotation, import_id: int | None) -> str:
    """An import says one thing about a record; ids in order are the quickest to index."""
    return uuid4().hex if import_id is None else f"import-{import_id:08}-{annotation.record_id:012}"


_FIELDS = tuple(column for column in AnnotationRow.__table__.columns if column.name not in ("project_id", "import_id"))


def _columns(project: Project, annotation: Annotation, client_id: str, import_id: int | None) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "record_id": annotation.record_id,
        "person": annotation.person,
        "status": annotation.status.value,
        "category": annotation.answer.category,
        "tags": None if annotation.answer.tags is None else list(annotation.answer.tags),
        "blind": annotation.blind,
        "comment": annotation.comment,
        "duration_ms": annotation.duration_ms,
        "shown": list(annotation.shown) or None,
        "client_id": client_id,
        "undoes": annotation.undoes,
        "label_set_version": annotation.label_set_version,
        "guideline_version": annotation.guideline_version,
        "prediction_id": annotation.prediction_id,
        "import_id": import_id,
        "annotated_at": annotation.annotated_at or utcnow(),
    }


def _annotation(row: Any) -> Annotation:
    return Annotation(
        id=row.id,
        record_id=row.record_id,
        person=row.person,
        status=Status(row.status),
        answer=Answer(row.category, None if row.tags is None else tuple(row.tags)),
        blind=row.blind,
        comment=row.comment,
        duration_ms=row.duration_ms,
        shown=tuple(row.shown or ()),
        client_id=row.client_id,
        undoes=row.undoes,
        label_set_version=row.label_set_version,
        guideline_version=row.guideline_version,
        prediction_id=row.prediction_id,
        annotated_at=row.annotated_at,
    )
