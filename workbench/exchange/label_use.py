"""How many of people's answers and of machines' proposals use each label."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from db.tables import ProposalRow, RecordRow
from db.types import LabelSet, Project
from db.visibility import visible
from workbench.quality.standing import ANSWERS, standing

# (category of the answer or of its record, tags as JSON text, how many)
_Tagged = Iterable[tuple[str | None, str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelUse:
    """Counts by category, and by (section, tag)."""

    categories: Counter[str] = field(default_factory=Counter)
    tags: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, name: str, section: str | None) -> int:
        return self.categories[name] if section is None else self.tags[section, name]


def use_in_answers(session: Session, project: Project, label_set: LabelSet) -> LabelUse:
    """Answers that stand: neither undone nor taken back."""
    answers = standing(project).subquery()
    rows = select(answers.c.category, answers.c.tags, answers.c.record_id).where(answers.c.status.in_(ANSWERS))
    return _use(session, rows, label_set)


def use_in_proposals(session: Session, project: Project, label_set: LabelSet) -> LabelUse:
    """All visible proposals, those of older versions too."""
    columns = (ProposalRow.category, ProposalRow.tags, ProposalRow.record_id)
    rows = select(*columns).where(ProposalRow.project_id == project.id, visible(ProposalRow))
    return _use(session, rows, label_set)


def _use(session: Session, rows: Select, label_set: LabelSet) -> LabelUse:
    """From rows of (category, tags, record_id)."""
    said = rows.subquery()
    by_category = select(said.c.category, func.count().label("uses")).where(said.c.category.is_not(None))
    by_category = by_category.group_by(said.c.category)
    categories = Counter({row.category: row.uses for row in session.execute(by_category)})
    routed = func.coalesce(said.c.category, RecordRow.category).label("routed")
    listed = cast(said.c.tags, Text).label("listed")
    by_tags = (
        select(routed, listed, func.count())
        .join(RecordRow, RecordRow.id == said.c.record_id)
        .where(said.c.tags.is_not(None))
        .group_by(routed, listed)
    )
    return LabelUse(categories=categories, tags=count_tags(session.execute(by_tags), label_set))


def count_tags(rows: _Tagged, label_set: LabelSet) -> Counter[tuple[str, str]]:
    """How often each section's tags are used; one on a record without a category counts in every section. Pure."""
    counts: Counter[tuple[str, str]] = Counter()
    for category, listed, count in rows:
        for section in _sections(category, label_set):
            for tag in set(json.loads(listed)):
                counts[section, tag] += count
    return counts


def _sections(category: str | None, label_set: LabelSet) -> Iterable[str]:
    if category is None:
        return label_set.tags
    return (category,) if category in label_set.tags else ("",)
