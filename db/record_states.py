"""What people's answers to each record come to, kept ready for lists and counts.

A projection of the log: the rules of `db.gold` decide, this remembers. It is written in the transaction that writes the
annotations (an import's, when it completes), so that it can be counted on as the log can. A record about which nothing
holds has no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.annotation_log import all_annotations, annotations_for, standing
from db.bulk import insert_rows
from db.gold import resolve
from db.project_settings import get_settings
from db.records import chunks
from db.tables import AnnotationRow, RecordStateRow, table_of
from db.types import Annotation, Answer, Project, RecordStatus, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordState:
    """What holds about one record.

    `gold` is the label, `blind_gold` and `assisted_gold` what the answers of one kind alone resolve to; None where
    there are none or they wait for adjudication. `flagged` and `blind`: a flag, a blind answer stands. `annotated_at`
    is the time of the newest annotation that stands.
    """

    status: RecordStatus
    flagged: bool
    blind: bool
    gold: Answer | None
    blind_gold: Answer | None
    assisted_gold: Answer | None
    annotated_at: datetime


def state_of(annotations: Sequence[Annotation], overlap: int) -> RecordState | None:
    """The state that one record's annotations, oldest first, make; None where none of them stands. Pure."""
    stand = standing(annotations)
    if not stand:
        return None
    answers = [a for a in stand if a.status.is_answer]
    blind = [a for a in answers if a.blind]
    assisted = [a for a in answers if not a.blind]
    gold = _label(answers, overlap)
    return RecordState(
        status=_status(stand, answers, gold, overlap),
        flagged=any(a.status is Status.FLAGGED for a in stand),
        blind=bool(blind),
        gold=gold,
        blind_gold=gold if not assisted else _label(blind, overlap),
        assisted_gold=gold if not blind else _label(assisted, overlap),
        annotated_at=max(a.annotated_at for a in stand if a.annotated_at is not None),
    )


def keep_states(session: Session, project: Project, log: Mapping[int, Sequence[Annotation]], overlap: int) -> None:
    """Bring the states of these records in line with their annotations, given by record id, none left out."""
    session.execute(
        delete(RecordStateRow).where(RecordStateRow.project_id == project.id, RecordStateRow.record_id.in_(list(log)))
    )
    insert_rows(session, table_of(RecordStateRow), list(_rows(project, log, overlap)))


def note_import(
    session: Session, project: Project, answers: Mapping[int, Answer], *, import_id: int, blind: bool, at: datetime
) -> None:
    """Bring the states in line with an import's answers, given by record id; it has just completed.

    An answer to a record about which nothing held is what the record comes to, whatever the overlap. Asking the log
    about each of them would take an import a third longer.
    """
    imported = select(AnnotationRow.record_id).where(AnnotationRow.import_id == import_id)
    query = select(RecordStateRow.record_id)
    query = query.where(RecordStateRow.project_id == project.id, RecordStateRow.record_id.in_(imported))
    earlier = set(session.scalars(query))
    overlap = get_settings(session, project).overlap
    for ids in chunks(sorted(earlier & answers.keys())):
        keep_states(session, project, annotations_for(session, ids), overlap)
    rows = [_first(project, i, answer, blind, at) for i, answer in sorted(answers.items()) if i not in earlier]
    insert_rows(session, table_of(RecordStateRow), rows)


def rebuild_states(session: Session, project: Project) -> None:
    """Make all of the project's states from its log."""
    overlap = get_settings(session, project).overlap
    session.execute(delete(RecordStateRow).where(RecordStateRow.project_id == project.id))
    insert_rows(session, table_of(RecordStateRow), list(_rows(project, all_annotations(session, project), overlap)))


def _label(answers: Sequence[Annotation], overlap: int) -> Answer | None:
    gold = resolve(answers, overlap=overlap)
    return None if gold is None else gold.answer


def _status(
    stand: Sequence[Annotation], answers: Sequence[Annotation], gold: Answer | None, overlap: int
) -> RecordStatus:
    if answers:
        waiting = gold is None and len({a.person for a in answers}) >= overlap
        return RecordStatus.WAITING if waiting else RecordStatus.ANSWERED
    flagged = any(a.status is Status.FLAGGED for a in stand)
    return RecordStatus.FLAGGED if flagged else RecordStatus.SKIPPED


def _rows(project: Project, log: Mapping[int, Sequence[Annotation]], overlap: int) -> Iterator[dict[str, Any]]:
    for record_id, said in log.items():
        if (state := state_of(said, overlap)) is not None:
            yield _columns(project, record_id, state)


def _columns(project: Project, record_id: int, state: RecordState) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "record_id": record_id,
        "status": state.status.value,
        "flagged": state.flagged,
        "blind": state.blind,
        **_answer("", state.gold),
        **_answer("blind_", state.blind_gold),
        **_answer("assisted_", state.assisted_gold),
        "annotated_at": state.annotated_at,
    }


def _first(project: Project, record_id: int, answer: Answer, blind: bool, at: datetime) -> dict[str, Any]:
    category, tags = answer.category, sorted_tags(answer)
    return {
        "project_id": project.id,
        "record_id": record_id,
        "status": RecordStatus.ANSWERED.value,
        "flagged": False,
        "blind": blind,
        "category": category,
        "tags": tags,
        "blind_category": category if blind else None,
        "blind_tags": tags if blind else None,
        "assisted_category": None if blind else category,
        "assisted_tags": None if blind else tags,
        "annotated_at": at,
    }


def _answer(prefix: str, answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {f"{prefix}category": None, f"{prefix}tags": None}
    return {f"{prefix}category": answer.category, f"{prefix}tags": sorted_tags(answer)}


def sorted_tags(answer: Answer) -> list[str] | None:
    """The tags as every projection keeps them: two sets are the same where their texts are."""
    return None if answer.tags is None else sorted(set(answer.tags))
