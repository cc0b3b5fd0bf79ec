"""How far each source of proposals agrees with people, where they had not seen its answer and where they may have."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Subquery, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from db.project_settings import get_settings
from db.tables import RecordRow
from db.text_keys import blind_end
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

    The newest proposal of the source stands against the adjudicated or else latest answer of either kind. Blind answers
    count in the blind stream only: from those outside it the champion and the similarity stage have learnt, and to
    agree with what one was taught proves nothing.
    """
    tables: dict[tuple[str, str], _Pairs] = defaultdict(_Pairs)
    compared = _compared(session, project)
    if project.kind.asks_category:
        _count_categories(session, compared, tables)
    if project.kind.asks_tags:
        _count_tags(session, compared, tables)
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


def _compared(session: Session, project: Project) -> Subquery:
    """Every proposal beside the answers it is held against."""
    proposed, answered = latest_proposals(project).subquery(), resolved(project, apart=True)
    end = blind_end(get_settings(session, project).blind_share)
    columns = (
        proposed.c.source,
        proposed.c.stage,
        answered.c.blind,
        proposed.c.category.label("our_category"),
        answered.c.category.label("their_category"),
        # As text: PostgreSQL cannot group by JSON, and equal lists are read once.
        cast(proposed.c.tags, Text).label("our_tags"),
        cast(answered.c.tags, Text).label("their_tags"),
    )
    return (
        select(*columns)
        .join_from(proposed, answered, proposed.c.record_id == answered.c.record_id)
        .join(RecordRow, RecordRow.id == answered.c.record_id)
        .where(or_(~answered.c.blind, RecordRow.blind_hash < end))
        .subquery()
    )


def _count_categories(session: Session, compared: Subquery, tables: Mapping[tuple[str, str], _Pairs]) -> None:
    for source, stage, blind, ours, theirs, count in _grouped(session, compared, "category"):
        tables[source, stage].categories[blind][ours, theirs] += count


def _count_tags(session: Session, compared: Subquery, tables: Mapping[tuple[str, str], _Pairs]) -> None:
    for source, stage, blind, ours, theirs, count in _grouped(session, compared, "tags"):
        pair = frozenset(json.loads(ours)), frozenset(json.loads(theirs))
        tables[source, stage].tags[blind][pair] += count


def _grouped(session: Session, compared: Subquery, what: str) -> Iterator[tuple[str, str, bool, str, str, int]]:
    """(source, stage, blind, ours, theirs) with how often they stand together, where both sides said something."""
    ours, theirs = compared.c[f"our_{what}"], compared.c[f"their_{what}"]
    labels = (compared.c.source, compared.c.stage, compared.c.blind, ours, theirs)
    query = select(*labels, func.count()).where(ours.is_not(None), theirs.is_not(None)).group_by(*labels)
    for row in session.execute(query):
        yield row[0], row[1], row[2], row[3], row[4], row[5]
