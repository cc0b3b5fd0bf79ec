"""The annotations that hold, as SQL: what pages count must not pass through Python."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, case, func, select

from db.tables import AnnotationRow
from db.types import Project, Status
from db.visibility import visible

ANSWERS = tuple(status.value for status in Status if status.is_answer)


def standing(project: Project) -> Select:
    """Columns of all annotations that are visible, neither undone nor an undoing (`db.annotation_log.standing`)."""
    undoings = select(AnnotationRow.undoes).where(
        AnnotationRow.project_id == project.id,
        AnnotationRow.status == Status.UNDONE.value,
        AnnotationRow.undoes.is_not(None),
        visible(AnnotationRow),
    )
    return select(AnnotationRow.__table__).where(
        AnnotationRow.project_id == project.id,
        AnnotationRow.status != Status.UNDONE.value,
        visible(AnnotationRow),
        AnnotationRow.client_id.not_in(undoings),
    )


def count_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the group meet the condition; 0 for no rows."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
