"""Which rows may be seen: an import's become visible together, when it completes."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Select, or_, select

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
    return or_(table.import_id.is_(None), table.import_id.in_(completed))


def unseen_records(project: Project) -> Select[int]:
    """Ids of the project's records that cannot be seen yet: none, but while an import runs.

    For queries over what hangs on records: to ask each record whether it is visible costs more than the rest of them.
    """
    running = select(ImportRow.id).where(ImportRow.project_id == project.id, ImportRow.completed_at.is_(None))
    return select(RecordRow.id).where(RecordRow.import_id.in_(running))
