"""Proposals: keeping them, finding them, and which one a person is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.latest_proposals import keep_latest
from db.project_settings import ProjectSettings
from db.records import chunks
from db.tables import ProposalRow, RecordRow, table_of
from db.types import Answer, LabelSet, Project, Proposal, Stage
from db.visibility import visible

# How a tag's probability is told from a category's of the same name.
TAG_PREFIX = "tag:"
_ROWS_PER_STATEMENT = 1_000


def save_proposals(
    session: Session, project: Project, proposals: Sequence[Proposal], *, import_id: int | None = None
) -> None:
    """Keep `proposals`; one of the same record, source and version takes the earlier one's place."""
    distinct = {(p.record_id, p.source, p.version): _columns(project, p, import_id) for p in proposals}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for rows in chunks(list(distinct.values()), _ROWS_PER_STATEMENT):
        insert = dialect.insert(table_of(ProposalRow))
        kept = ("stage", "category", "tags", "score", "probabilities", "rationale", "on_list", "cost", "trace_id")
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["record_id", "source", "version"],
                set_={name: insert.excluded[name] for name in kept},
            ),
            rows,
        )
    keep_latest(session, project, sorted({p.record_id for p in proposals}))


def proposals_for(session: Session, record_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """Visible proposals of these records, oldest first; records without any are left out."""
    found: dict[int, list[Proposal]] = {}
    for chunk in chunks(record_ids):
        query = (
            select(ProposalRow).where(ProposalRow.record_id.in_(chunk), visible(ProposalRow)).order_by(ProposalRow.id)
        )
        for row in session.scalars(query):
            found.setdefault(row.record_id, []).append(_proposal(row))
    return found


def iterate_proposals(session: Session, project: Project, *, batch: int = 5000) -> Iterator[Proposal]:
    """All visible proposals of the project, oldest first."""
    after = 0
    while True:
        query = select(*_FIELDS).where(
            ProposalRow.project_id == project.id, ProposalRow.id > after, visible(ProposalRow)
        )
        rows = session.execute(query.order_by(ProposalRow.id).limit(batch)).all()
        if not rows:
            return
        yield from (_proposal(row) for row in rows)
        after = rows[-1].id


def proposed_records(session: Session, project: Project, source: str, version: str) -> set[int]:
    """Ids of the records that this version of this source has already answered."""
    query = select(ProposalRow.record_id).where(
        ProposalRow.project_id == project.id, ProposalRow.source == source, ProposalRow.version == version
    )
    return set(session.scalars(query))


def refresh_on_list(session: Session, project: Project, label_set: LabelSet) -> None:
    """Mark which proposals are on the list, after the list has changed."""
    names = set(label_set.category_names)
    columns = (ProposalRow.id, ProposalRow.record_id, ProposalRow.category, ProposalRow.tags, ProposalRow.on_list)
    query = select(*columns, RecordRow.category).join(RecordRow, RecordRow.id == ProposalRow.record_id)
    changed: dict[bool, list[int]] = {True: [], False: []}
    records: set[int] = set()
    for row_id, record_id, category, tags, on_list, section in session.execute(
        query.where(ProposalRow.project_id == project.id)
    ):
        fits = (category is None or category in names) and (
            tags is None or set(tags) <= set(label_set.tag_names(category or section))
        )
        if fits is not on_list:
            changed[fits].append(row_id)
            records.add(record_id)
    for fits, ids in changed.items():
        for chunk in chunks(ids):
            session.execute(update(ProposalRow).where(ProposalRow.id.in_(chunk)).values(on_list=fits))
    keep_latest(session, project, sorted(records))


def latest_by_source(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The newest proposal of each source; expects oldest first."""
    return list({p.source: p for p in proposals}.values())


def settles(proposal: Proposal, settings: ProjectSettings) -> bool:
    """Whether this proposal ends the cascade for its record."""
    threshold = settings.thresholds.get(proposal.stage, 1.0)
    return proposal.on_list and proposal.score is not None and proposal.score >= threshold


def choose(proposals: Sequence[Proposal], settings: ProjectSettings) -> Proposal | None:
    """The proposal a person is shown.

    The first in the project's stage order that settles the record; where none does, the most confident one. Off-list
    answers count as no proposal.
    """
    order = {stage: place for place, stage in enumerate(settings.stages)}
    usable = [p for p in latest_by_source(proposals) if p.on_list and (p.answer.category or p.answer.tags is not None)]
    usable.sort(key=lambda p: (order.get(p.stage, len(order)), -(p.score or 0.0)))
    settled = next((p for p in usable if settles(p, settings)), None)
    return settled or max(usable, key=lambda p: p.score or 0.0, default=None)


_FIELDS = (
    ProposalRow.id,
    ProposalRow.record_id,
    ProposalRow.stage,
    ProposalRow.source,
    ProposalRow.version,
    ProposalRow.category,
    ProposalRow.tags,
    ProposalRow.score,
    ProposalRow.probabilities,
    ProposalRow.rationale,
    ProposalRow.on_list,
    ProposalRow.cost,
    ProposalRow.trace_id,
)


def _columns(project: Project, proposal: Proposal, import_id: int | None) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "record_id": proposal.record_id,
        "stage": proposal.stage.value,
        "source": proposal.source,
        "version": proposal.version,
        "category": proposal.answer.category,
        "tags": None if proposal.answer.tags is None else list(proposal.answer.tags),
        "score": proposal.score,
        "probabilities": dict(proposal.probabilities) or None,
        "rationale": proposal.rationale,
        "on_list": proposal.on_list,
        "cost": proposal.cost,
        "trace_id": proposal.trace_id,
        "import_id": import_id,
    }


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row.id,
        record_id=row.record_id,
        stage=Stage(row.stage),
        source=row.source,
        version=row.version,
        answer=Answer(row.category, None if row.tags is None else tuple(row.tags)),
        score=row.score,
        probabilities=row.probabilities or {},
        rationale=row.rationale,
        on_list=row.on_list,
        cost=row.cost,
        trace_id=row.trace_id,
    )
