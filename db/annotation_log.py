"""Reading the append-only log of what people did, and which of its rows hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from db.records import chunks
from db.tables import AnnotationRow
from db.types import Annotation, Answer, Project, Status
from db.visibility import visible

_undoing = aliased(AnnotationRow)
# What `standing` says of a row, for queries; of an undoing it says nothing.
STANDS: ColumnElement[bool] = ~exists().where(
    _undoing.undoes == AnnotationRow.client_id, _undoing.status == Status.UNDONE.value
)


def standing(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The annotations that hold: neither undone nor an undoing. Pure; keeps the order."""
    rows = list(annotations)
    undone = {a.undoes for a in rows if a.status is Status.UNDONE}
    return [a for a in rows if a.status is not Status.UNDONE and a.client_id not in undone]


def wants_people(annotations: Iterable[Annotation], overlap: int) -> bool:
    """Whether a record still waits for an answer: too few people gave one, nobody flagged or adjudicated it. Pure."""
    stand = standing(annotations)
    answered = {a.person for a in stand if a.status.is_answer}
    closed = any(a.status in (Status.FLAGGED, Status.ADJUDICATED) for a in stand)
    return len(answered) < overlap and not closed


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


_FIELDS = tuple(column for column in AnnotationRow.__table__.columns if column.name not in ("project_id", "import_id"))


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
