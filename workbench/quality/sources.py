"""How far each source of proposals agrees with people, where they had not seen its answer and where they may have."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from db.types import Kind, Project, Stage
from workbench.quality.agreement import Agreement, TagAgreement, Tags, agreement, tag_agreement
from workbench.quality.standing import latest_proposals, resolved


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


def source_agreements(session: Session, project: Project) -> tuple[SourceAgreement, ...]:
    """Every source that proposed something for an answered record, by name.

    The newest proposal of the source stands against the adjudicated or else latest answer of either kind.
    """
    tables: dict[tuple[str, str], _Pairs] = defaultdict(_Pairs)
    if project.kind.asks_category:
        _count_categories(session, project, tables)
    if project.kind.asks_tags:
        _count_tags(session, project, tables)
    return tuple(
        _compare(project.kind, source, Stage(stage), pairs) for (source, stage), pairs in sorted(tables.items())
    )


@dataclass(kw_only=True)
class _Pairs:
    """Counts of (proposed, answered) by whether the answer was blind."""

    categories: dict[bool, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {True: Counter(), False: Counter()}
    )
    tags: dict[bool, Counter[tuple[Tags, Tags]]] = field(default_factory=lambda: {True: Counter(), False: Counter()})


def _compare(kind: Kind, source: str, stage: Stage, pairs: _Pairs) -> SourceAgreement:
    return SourceAgreement(
        source=source,
        stage=stage,
        blind=agreement(pairs.categories[True]) if kind.asks_category else None,
        assisted=agreement(pairs.categories[False]) if kind.asks_category else None,
        blind_tags=tag_agreement(pairs.tags[True]) if kind.asks_tags else None,
        assisted_tags=tag_agreement(pairs.tags[False]) if kind.asks_tags else None,
    )


def _count_categories(session: Session, project: Project, tables: Mapping[tuple[str, str], _Pairs]) -> None:
    proposed, answered = latest_proposals(project).subquery(), resolved(project, apart=True)
    labels = (proposed.c.source, proposed.c.stage, answered.c.blind, proposed.c.category, answered.c.category)
    query = (
        select(*labels, func.count())
        .join_from(proposed, answered, proposed.c.record_id == answered.c.record_id)
        .where(proposed.c.category.is_not(None), answered.c.category.is_not(None))
        .group_by(*labels)
    )
    for source, stage, blind, one, other, count in session.execute(query):
        tables[source, stage].categories[blind][one, other] += count


def _count_tags(session: Session, project: Project, tables: Mapping[tuple[str, str], _Pairs]) -> None:
    proposed, answered = latest_proposals(project).subquery(), resolved(project, apart=True)
    # As text: PostgreSQL cannot group by JSON, and equal lists are read once.
    one, other = cast(proposed.c.tags, Text).label("ours"), cast(answered.c.tags, Text).label("theirs")
    labels = (proposed.c.source, proposed.c.stage, answered.c.blind, one, other)
    query = (
        select(*labels, func.count())
        .join_from(proposed, answered, proposed.c.record_id == answered.c.record_id)
        .where(proposed.c.tags.is_not(None), answered.c.tags.is_not(None))
        .group_by(*labels)
    )
    for source, stage, blind, ours, theirs, count in session.execute(query):
        pair = frozenset(json.loads(ours)), frozenset(json.loads(theirs))
        tables[source, stage].tags[blind][pair] += count
