"""Appending to the log of what people did, and what follows from it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.annotation_log import annotations_for, wants_people
from db.bulk import insert_rows
from db.engine import serialise
from db.project_settings import get_settings
from db.queues import set_open
from db.record_states import keep_states
from db.records import chunks
from db.tables import AnnotationRow, LeaseRow, QueueItemRow, table_of, utcnow
from db.types import Annotation, Project


def save_annotations(
    session: Session, project: Project, annotations: Sequence[Annotation], *, import_id: int | None = None
) -> int:
    """Append `annotations`; one whose client id is already in the log is left out. Returns how many were new.

    The records' states and places in the queue follow, and the people's leases on them end. An import does so once,
    when it completes (`db.record_states.note_import`, `refresh_queue_items`).
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
        overlap = get_settings(session, project).overlap
        for ids in chunks(list({a.record_id for a in fresh.values()})):
            log = _whole_log(session, ids)
            keep_states(session, project, log, overlap)
            _open_or_close(session, project, log, overlap)
    return len(fresh)


def refresh_queue_items(session: Session, project: Project, record_ids: Sequence[int]) -> None:
    """Open or close the queue items of these records by what their annotations now say."""
    overlap = get_settings(session, project).overlap
    for ids in chunks(_queued(session, record_ids)):
        _open_or_close(session, project, _whole_log(session, ids), overlap)


def _whole_log(session: Session, record_ids: Sequence[int]) -> dict[int, list[Annotation]]:
    """Annotations of each of these records, none where there are none."""
    found = annotations_for(session, record_ids)
    return {record_id: found.get(record_id, []) for record_id in record_ids}


def _open_or_close(session: Session, project: Project, log: Mapping[int, Sequence[Annotation]], overlap: int) -> None:
    closed = [i for i, annotations in log.items() if not wants_people(annotations, overlap)]
    set_open(session, project, closed, False)
    set_open(session, project, sorted(log.keys() - set(closed)), True)


def _queued(session: Session, record_ids: Sequence[int]) -> list[int]:
    queued: list[int] = []
    for chunk in chunks(record_ids):
        queued += session.scalars(select(QueueItemRow.record_id).where(QueueItemRow.record_id.in_(chunk)).distinct())
    return queued


def _known_client_ids(session: Session, client_ids: Sequence[str]) -> set[str | None]:
    known: set[str | None] = set()
    for chunk in chunks(client_ids):
        known |= set(session.scalars(select(AnnotationRow.client_id).where(AnnotationRow.client_id.in_(chunk))))
    return known


def _own_client_id(annotation: Annotation, import_id: int | None) -> str:
    """An import says one thing about a record; ids in order are the quickest to index."""
    return uuid4().hex if import_id is None else f"import-{import_id:08}-{annotation.record_id:012}"


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
