"""Which rows may be seen: an import's become visible together, when it completes."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Select, UnaryExpression, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.operators import custom_op

from db.tables import AnnotationRow, ImportRow, ProposalRow, RecordRow
from db.types import Project

_Imported = type[RecordRow] | type[ProposalRow] | type[AnnotationRow]


def visible(table: _Imported, *, unfinished: int | None = None) -> ColumnElement[bool]:
    """True for rows whose import completed, and for those that came by no import.

    `unfinished` is an import whose rows count although it has not completed: its own, while it runs.
    """
    return _visible(table) if unfinished is None else _or_of(table, ImportRow.id == unfinished)


@cache
def _visible(table: _Imported) -> ColumnElement[bool]:
    # Made once: it is a part of nearly every query.
    return _or_of(table)


def _or_of(table: _Imported, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    completed = select(ImportRow.id).where(or_(ImportRow.completed_at.is_not(None), *more))
    import_id = _unindexed(table.import_id)
    return or_(import_id.is_(None), import_id.in_(completed))


def _unindexed(column: InstrumentedAttribute[int | None]) -> ColumnElement[int | None]:
    """`+column`: most rows come by no import or by a large one, so going through the index of imports, as SQLite would
    to find the visible rows of a few records, means going through nearly all rows there are."""
    return UnaryExpression(column.expression, operator=custom_op("+"), type_=column.type)


def unseen_records(project: Project) -> Select[int]:
    """Ids of the project's records that cannot be seen yet: none, but while an import runs.

    For queries over what hangs on records: to ask each record whether it is visible costs more than the rest of them.
    """
    running = select(ImportRow.id).where(ImportRow.project_id == project.id, ImportRow.completed_at.is_(None))
    return select(RecordRow.id).where(RecordRow.import_id.in_(running))
