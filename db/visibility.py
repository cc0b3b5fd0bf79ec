"""Which rows may be seen: an import's become visible together, when it completes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from db.tables import AnnotationRow, ImportRow, ProposalRow, RecordRow


def visible(
    table: type[RecordRow] | type[ProposalRow] | type[AnnotationRow], *, unfinished: int | None = None
) -> ColumnElement[bool]:
    """True for rows whose import completed, and for those that came by no import.

    `unfinished` is an import whose rows count although it has not completed: its own, while it runs.
    """
    completed = select(ImportRow.id).where(or_(ImportRow.completed_at.is_not(None), ImportRow.id == unfinished))
    return or_(table.import_id.is_(None), table.import_id.in_(completed))
