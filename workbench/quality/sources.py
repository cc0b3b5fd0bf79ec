"""How far each source of proposals agrees with people, where they had not seen its answer and where they may have."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, Select, Text, and_, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.engine import reading
from db.project_settings import get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.tables import LatestProposalRow, RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Kind, Project, Stage
from workbench.quality.agreement import Agreement, TagAgreement, Tags, agreement, tag_agreement

# A column of either side, or what is made of one.
_Said = ColumnElement[str] | InstrumentedAttribute[str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceAgreement:
    """One source against people's answers; None for what the project does not ask.

    People who are shown a proposal tend to accept it, so only the blind figures say how good a source is; where the
    assisted ones are much higher, people lean on it.
    """

    source: str
    stage: Stage
    blind: Agreement | None
    assisted: Agreement | None
    blind_tags: TagAgreement | None
    assisted_tags: TagAgreement | None


def source_agreements(engine: Engine, project_name: str) -> tuple[SourceAgreement, ...]:
    """Every source that proposed something for an answered record, by name.

    The newest proposal of the source stands against what the answers of either kind resolve to. Blind answers count in
    the blind stream only: from those outside it the champion and the similarity stage have learnt, and to agree with
    what one was taught proves nothing. Raises UserError if there is no such project.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        latest = LatestProposalRow
        known = select(latest.source, latest.stage).where(latest.project_id == project.id).distinct()
        found = {(source, stage): _pairs(session, project, source, stage) for source, stage in session.execute(known)}
    return tuple(
        _compare(project.kind, source, Stage(stage), pairs)
        for (source, stage), pairs in sorted(found.items(), key=lambda item: item[0])
        if pairs.any()
    )


@dataclass(kw_only=True)
class _Pairs:
    """Counts of (proposed, answered) by whether the answer was blind."""

    categories: dict[bool, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {True: Counter(), False: Counter()}
    )
    tags: dict[bool, Counter[tuple[Tags, Tags]]] = field(default_factory=lambda: {True: Counter(), False: Counter()})

    def any(self) -> bool:
        return any(counts for kind in (True, False) for counts in (self.categories[kind], self.tags[kind]))


def _compare(kind: Kind, source: str, stage: Stage, pairs: _Pairs) -> SourceAgreement:
    return SourceAgreement(
        source=source,
        stage=stage,
        blind=agreement(pairs.categories[True]) if kind.asks_category else None,
        assisted=agreement(pairs.categories[False]) if kind.asks_category else None,
        blind_tags=tag_agreement(pairs.tags[True]) if kind.asks_tags else None,
        assisted_tags=tag_agreement(pairs.tags[False]) if kind.asks_tags else None,
    )


def _pairs(session: Session, project: Project, source: str, stage: str) -> _Pairs:
    pairs = _Pairs()
    for blind in (True, False):
        _count(session, project, pairs, source, stage, blind=blind)
    return pairs


def _count(session: Session, project: Project, pairs: _Pairs, source: str, stage: str, *, blind: bool) -> None:
    """Fill in the counts of one source from the answers of one kind."""
    state = RecordStateRow
    if project.kind.asks_category:
        theirs = state.blind_category if blind else state.assisted_category
        query = _compared(session, project, source, stage, LatestProposalRow.category, theirs, blind)
        for one, other, count in session.execute(query):
            pairs.categories[blind][one, other] += count
    if project.kind.asks_tags:
        # As text: PostgreSQL cannot group by JSON, and equal lists are read once.
        listed = cast(state.blind_tags if blind else state.assisted_tags, Text)
        ours, sets = cast(LatestProposalRow.tags, Text), _Sets()
        for one, other, count in session.execute(_compared(session, project, source, stage, ours, listed, blind)):
            pairs.tags[blind][sets[one], sets[other]] += count


class _Sets(dict[str, Tags]):
    """Sets of tags by the JSON that lists them."""

    def __missing__(self, listed: str) -> Tags:
        self[listed] = found = frozenset(json.loads(listed))
        return found


def _compared(
    session: Session, project: Project, source: str, stage: str, ours: _Said, theirs: _Said, blind: bool
) -> Select:
    """(proposed, answered) with how often they stand together, where both sides said something."""
    latest, state = LatestProposalRow, RecordStateRow
    # Sums hide the states from SQLite's planner, which would otherwise begin with the proposals, of which there are
    # many more; a source at a time sorts a third of the time that all of them take together.
    same = and_(latest.project_id == state.project_id, latest.record_id == state.record_id + 0)
    query = (
        select(ours, theirs, func.count())
        .select_from(state)
        .join(latest, and_(same, latest.source == source))
        .where(state.project_id == project.id, latest.stage == stage, latest.on_list)
        .where(ours.is_not(None), theirs.is_not(None))
        .group_by(ours, theirs)
    )
    if blind:
        end = blind_end(get_settings(session, project).blind_share)
        query = query.join(RecordRow, RecordRow.id == state.record_id).where(state.blind, RecordRow.blind_hash < end)
    return query
