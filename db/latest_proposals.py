"""The newest proposal of each source for each record, kept ready for lists and counts.

A projection of the proposals, as `db.proposals.latest_by_source` reads them. Rows are written with the proposals; those
of an import that has not completed are of records that nobody sees yet, so whoever reads them starts from visible ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.record_states import sorted_tags
from db.records import chunks
from db.tables import LatestProposalRow, ProposalRow, table_of
from db.types import Project


def keep_latest(session: Session, project: Project, record_ids: Sequence[int]) -> None:
    """Bring the projection in line with the proposals of these records."""
    for ids in chunks(record_ids):
        forget_latest(session, project.id, LatestProposalRow.record_id.in_(ids))
        _add(session, project, ProposalRow.record_id.in_(ids))


def rebuild_latest(session: Session, project: Project) -> None:
    """Make all of the project's rows from its proposals."""
    forget_latest(session, project.id)
    _add(session, project, ProposalRow.project_id == project.id)


def forget_latest(session: Session, project_id: int, *of: ColumnElement[bool]) -> None:
    session.execute(delete(LatestProposalRow).where(LatestProposalRow.project_id == project_id, *of))


def _add(session: Session, project: Project, of: ColumnElement[bool]) -> None:
    newest: dict[tuple[int, str], dict[str, Any]] = {}
    for row in session.execute(_proposals().where(of)):
        newest[row.record_id, row.source] = _columns(project, row)
    # In the order of the key, which is the order the rows lie in.
    insert_rows(session, table_of(LatestProposalRow), [newest[key] for key in sorted(newest)])


def _proposals() -> Select:
    return select(
        ProposalRow.record_id,
        ProposalRow.source,
        ProposalRow.id,
        ProposalRow.stage,
        ProposalRow.category,
        ProposalRow.tags,
        ProposalRow.score,
        ProposalRow.on_list,
    ).order_by(ProposalRow.id)


def _columns(project: Project, row: Any) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "record_id": row.record_id,
        "source": row.source,
        "proposal_id": row.id,
        "stage": row.stage,
        "category": row.category,
        "tags": sorted_tags(row.tags),
        "score": row.score,
        "on_list": row.on_list,
    }
