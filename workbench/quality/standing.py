"""The annotations that hold, and the labels they resolve to, as SQL: what pages count must not pass through Python."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select

from db.tables import AnnotationRow, ProposalRow
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


def resolved(project: Project, *, apart: bool = False) -> Subquery:
    """One answer a record: the adjudicated one, else the latest (`db.gold.resolve` with an overlap of 1).

    With `apart`, one among the blind answers and one among the assisted ones.
    """
    answers = standing(project).where(AnnotationRow.status.in_(ANSWERS)).subquery()
    unit = (answers.c.record_id, answers.c.blind) if apart else (answers.c.record_id,)
    first = case((answers.c.status == Status.ADJUDICATED.value, 0), else_=1)
    place = func.row_number().over(partition_by=unit, order_by=(first, answers.c.id.desc())).label("place")
    columns = (answers.c.record_id, answers.c.blind, answers.c.category, answers.c.tags, place)
    ranked = select(*columns).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def latest_proposals(project: Project) -> Select:
    """The newest visible proposal of each source for each record, off-list ones left out."""
    newest = (
        select(func.max(ProposalRow.id))
        .where(ProposalRow.project_id == project.id, visible(ProposalRow))
        .group_by(ProposalRow.record_id, ProposalRow.source)
    )
    return select(ProposalRow.__table__).where(ProposalRow.id.in_(newest), ProposalRow.on_list)


def any_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 where some row of the group meets the condition, else 0."""
    return func.max(case((condition, 1), else_=0))


def count_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the group meet the condition; 0 for no rows."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
