"""What people's answers to each record come to, kept ready for lists and counts.

A projection of the log: the rules of `db.gold` decide, this remembers. It is written in the transaction that writes the
annotations (an import's, when it completes), so that it can be counted on as the log can. A record about which nothing
holds has no row.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, exists, false, func, insert, literal, select, update
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


def note_import(session: Session, project: Project, import_id: int) -> None:
    """Bring the states in line with the answers of an import, which has just completed.

    An answer to a record about which nothing held is what the record comes to, whatever the overlap. Asking the log
    about each of them would take an import a third longer.
    """
    imported = select(AnnotationRow.record_id).where(AnnotationRow.import_id == import_id)
    query = select(RecordStateRow.record_id)
    query = query.where(RecordStateRow.project_id == project.id, RecordStateRow.record_id.in_(imported))
    earlier = set(session.scalars(query))
    _add_first_answers(session, import_id, earlier=bool(earlier))
    _sort_tags(session, import_id, earlier)
    overlap = get_settings(session, project).overlap
    for ids in chunks(sorted(earlier)):
        keep_states(session, project, annotations_for(session, ids), overlap)


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


def _add_first_answers(session: Session, import_id: int, *, earlier: bool) -> None:
    said = AnnotationRow
    columns = {
        "project_id": said.project_id,
        "record_id": said.record_id,
        "status": literal(RecordStatus.ANSWERED.value),
        "flagged": false(),
        "blind": said.blind,
        "category": said.category,
        "tags": said.tags,
        "blind_category": case((said.blind, said.category)),
        "blind_tags": case((said.blind, said.tags)),
        "assisted_category": case((~said.blind, said.category)),
        "assisted_tags": case((~said.blind, said.tags)),
        "annotated_at": said.annotated_at,
    }
    query = select(*columns.values()).where(said.import_id == import_id)
    if earlier:
        state = (RecordStateRow.project_id == said.project_id, RecordStateRow.record_id == said.record_id)
        query = query.where(~exists().where(*state))
    session.execute(insert(RecordStateRow).from_select(list(columns), query.order_by(said.record_id)))


def _sort_tags(session: Session, import_id: int, earlier: Container[int]) -> None:
    """Give the states just made from an import's answers their tags in the order of all states."""
    several = (AnnotationRow.import_id == import_id, func.json_array_length(AnnotationRow.tags) > 1)
    query = select(AnnotationRow.project_id, AnnotationRow.record_id, AnnotationRow.blind, AnnotationRow.tags)
    unsorted: dict[str, list[dict[str, Any]]] = {"blind_tags": [], "assisted_tags": []}
    for project_id, record_id, blind, tags in session.execute(query.where(*several)):
        if record_id not in earlier and (ordered := sorted_tags(tags)) != tags:
            kind = "blind_tags" if blind else "assisted_tags"
            unsorted[kind].append({"of": project_id, "record": record_id, "ordered": ordered})
    table = table_of(RecordStateRow)
    key = (table.c.project_id == bindparam("of"), table.c.record_id == bindparam("record"))
    for kind, rows in unsorted.items():
        if rows:
            both = {name: bindparam("ordered", type_=table.c.tags.type) for name in ("tags", kind)}
            session.execute(update(table).where(*key).values(both), rows)


def _answer(prefix: str, answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {f"{prefix}category": None, f"{prefix}tags": None}
    return {f"{prefix}category": answer.category, f"{prefix}tags": sorted_tags(answer.tags)}


def sorted_tags(tags: Iterable[str] | None) -> list[str] | None:
    """Tags as every projection keeps them: two sets are the same where their texts are."""
    return None if tags is None else sorted(set(tags))
