"""What a project's records are like: lengths, scripts, repeated and near-empty texts, gaps, attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Text, cast, func, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.label_sets import get_label_set
from db.projects import get_project
from db.records import count_records
from db.tables import RecordRow
from db.types import Project
from db.visibility import visible
from workbench.quality.histogram import Histogram, histogram
from workbench.quality.looking import Attribute, Looked, Repeated
from workbench.quality.scripts import Script
from workbench.quality.standing import ANSWERS, standing

# Looked at in about a second; of more records, a sample of about as many.
MOST_READ = 100_000
_BATCH = 10_000
_KEYS = 16**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Counted in all records. `labels` are categories that no answer holds, and `tags` likewise; both are empty where
    nothing was answered yet."""

    groups: int
    without_group: int
    without_category: int
    answered: bool
    labels: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`read` of the `records` were looked at; what is counted in those is not counted in the others.

    `texts` are different ones, `repeated_texts` those that several records share. The sample of a large project is
    taken by text, so that what is repeated is repeated in it as often.
    """

    records: int
    read: int
    lengths: Histogram | None
    scripts: dict[Script, int]
    near_empty: int
    near_empty_ids: tuple[str, ...]
    texts: int
    repeated_texts: int
    most_repeated: tuple[Repeated, ...]
    attributes: tuple[Attribute, ...]
    gaps: Gaps


def profile(engine: Engine, project_name: str, *, most: int = MOST_READ) -> Profile:
    """Raises UserError for no such project."""
    looked = Looked()
    with reading(engine) as session:
        project = get_project(session, project_name)
        records = count_records(session, project)
        for row in _rows(session, project, most / max(records, 1)):
            looked.at(*row)
        gaps = _gaps(session, project, records)
    repeated_texts, most_repeated = looked.repeated()
    return Profile(
        records=records,
        read=len(looked.lengths),
        lengths=histogram(looked.lengths),
        scripts={script: looked.scripts[script] for script in Script},
        near_empty=looked.near_empty,
        near_empty_ids=tuple(looked.near_empty_ids),
        texts=looked.texts,
        repeated_texts=repeated_texts,
        most_repeated=most_repeated,
        attributes=looked.attributes(),
        gaps=gaps,
    )


def _rows(session: Session, project: Project, share: float) -> Iterator[Any]:
    """external_id, text, text_key, attributes as JSON; of those records whose text's hash is within the share."""
    query = select(RecordRow.external_id, RecordRow.text, RecordRow.text_key, cast(RecordRow.attributes, Text)).where(
        RecordRow.project_id == project.id, visible(RecordRow)
    )
    if share < 1:
        query = query.where(RecordRow.text_key < f"{int(share * _KEYS):08x}")
    return iter(session.execute(query.execution_options(yield_per=_BATCH)))


def _gaps(session: Session, project: Project, records: int) -> Gaps:
    counts = select(
        func.count(RecordRow.group.distinct()), func.count(RecordRow.group), func.count(RecordRow.category)
    ).where(RecordRow.project_id == project.id, visible(RecordRow))
    groups, grouped, routed = session.execute(counts).one()
    given_labels, given_tags = _given(session, project)
    label_set = get_label_set(session, project)
    answered = bool(given_labels or given_tags)
    labels = label_set.category_names if answered and project.kind.asks_category else ()
    tags = label_set.tag_names(None) if answered and project.kind.asks_tags else ()
    return Gaps(
        groups=groups,
        without_group=records - grouped,
        without_category=records - routed,
        answered=answered,
        labels=tuple(name for name in labels if name not in given_labels),
        tags=tuple(name for name in tags if name not in given_tags),
    )


def _given(session: Session, project: Project) -> tuple[set[str], set[str]]:
    """The categories and the tags that some answer holds."""
    said = standing(project).subquery()
    tags = cast(said.c.tags, Text).label("tags")
    answers = select(said.c.category, tags).where(said.c.status.in_(ANSWERS)).subquery()
    categories = session.scalars(select(answers.c.category).where(answers.c.category.is_not(None)).distinct())
    listed = session.scalars(select(answers.c.tags).where(answers.c.tags.is_not(None)).distinct())
    return set(categories), {tag for tags_of_one in listed for tag in json.loads(tags_of_one)}
