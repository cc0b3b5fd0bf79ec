"""How a project's gold labels are spread."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables import RecordStateRow
from db.types import LabelSet, Project

# From here on the most common label drowns the rarest one in training.
BAD_IMBALANCE = 10.0


class Concern(StrEnum):
    """What is wrong with a distribution of labels; pages put it in words."""

    WITHOUT_ROWS = "labels-without-rows"
    IMBALANCED = "imbalanced"


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """Gold rows by label, most first, those without any too.

    `imbalance` is the most common label's count over that of the rarest one which has rows.
    """

    counts: Mapping[str, int]
    imbalance: float | None
    concerns: tuple[Concern, ...]


def distribution(counts: Mapping[str, int], labels: Iterable[str]) -> Distribution:
    """What the counts say about a label set; labels that it no longer has are kept. Pure."""
    every = dict.fromkeys(labels, 0) | dict(counts)
    ordered = dict(sorted(every.items(), key=lambda item: -item[1]))
    present = [count for count in ordered.values() if count]
    imbalance = present[0] / present[-1] if present else None
    concerns = []
    if present and len(present) < len(ordered):
        concerns.append(Concern.WITHOUT_ROWS)
    if imbalance is not None and imbalance >= BAD_IMBALANCE:
        concerns.append(Concern.IMBALANCED)
    return Distribution(counts=ordered, imbalance=imbalance, concerns=tuple(concerns))


def tag_names(label_set: LabelSet) -> dict[str, None]:
    """Every tag of the catalogue once, in its order."""
    return dict.fromkeys(tag.name for section in label_set.tags.values() for tag in section)


def gold_counts(session: Session, project: Project) -> tuple[Counter[str], Counter[str]]:
    """Gold rows by category, and by tag."""
    categories: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for category, count in session.execute(_tally(project, RecordStateRow.category)):
        categories[category] = count
    # As text: PostgreSQL cannot group by JSON, and equal lists are read once.
    for listed, count in session.execute(_tally(project, cast(RecordStateRow.tags, Text))):
        for tag in json.loads(listed):
            tags[tag] += count
    return categories, tags


def _tally(project: Project, value: ColumnElement[str] | InstrumentedAttribute[str | None]) -> Select:
    labelled = value.label("value")
    query = select(labelled, func.count()).where(RecordStateRow.project_id == project.id, value.is_not(None))
    return query.group_by(labelled)
