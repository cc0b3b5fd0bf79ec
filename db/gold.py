"""Gold: the one pure rule by which a record's annotations resolve to a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from db.annotation_log import all_annotations, standing
from db.project_settings import get_settings
from db.types import Annotation, Answer, Gold, Project, Status


def resolve(annotations: Iterable[Annotation], *, overlap: int = 1, blind_only: bool = False) -> Gold | None:
    """The label these annotations of one record (oldest first) resolve to, or None.

    Adjudication wins; else, with overlap 1, the latest answer; else the majority of each person's latest answers, where
    a tie waits for adjudication. Tags are voted on one by one, by those who gave the category that won.
    """
    answers = [a for a in standing(annotations) if a.status.is_answer and (a.blind or not blind_only)]
    if not answers:
        return None
    latest = list({a.person: a for a in answers}.values())
    adjudicated = [a for a in answers if a.status is Status.ADJUDICATED]
    answer = (
        (adjudicated or answers)[-1].answer if adjudicated or overlap == 1 else _majority([a.answer for a in latest])
    )
    if answer is None:
        return None
    return Gold(
        record_id=answers[-1].record_id,
        answer=answer,
        annotators=tuple(a.person for a in latest),
        agreement=sum(_same(a.answer, answer) for a in latest) / len(latest),
        blind=all(a.blind for a in latest),
    )


def gold_of(session: Session, project: Project, *, blind_only: bool = False) -> dict[int, Gold]:
    """Gold by record id, for every record that has it."""
    overlap = get_settings(session, project).overlap
    resolved = (
        resolve(annotations, overlap=overlap, blind_only=blind_only)
        for annotations in all_annotations(session, project).values()
    )
    return {gold.record_id: gold for gold in resolved if gold is not None}


def _majority(answers: Sequence[Answer]) -> Answer | None:
    if all(_same(answer, answers[0]) for answer in answers):
        return answers[0]
    categories = [a.category for a in answers if a.category is not None]
    category = _plurality(categories) if categories else None
    # The tags of another category may not even be in this one's catalogue.
    tag_lists = [a.tags for a in answers if a.tags is not None and a.category == category]
    tags = _tag_majority(tag_lists) if tag_lists else None
    if (categories and category is None) or (tag_lists and tags is None):
        return None
    return Answer(category, tags)


def _plurality(votes: Sequence[str]) -> str | None:
    ranked = Counter(votes).most_common(2)
    tied = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return None if tied else ranked[0][0]


def _tag_majority(votes: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    counts = Counter(tag for tags in votes for tag in dict.fromkeys(tags))
    if any(2 * count == len(votes) for count in counts.values()):
        return None
    return tuple(tag for tag, count in counts.items() if 2 * count > len(votes))


def _same(one: Answer, other: Answer) -> bool:
    return one.category == other.category and set(one.tags or ()) == set(other.tags or ())
