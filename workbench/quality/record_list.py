"""Lists of records: a page of those that a filter finds, each with what people and machines say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.annotation_log import annotations_for, standing
from db.engine import reading
from db.label_sets import get_label_set
from db.project_settings import get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.record_filter import RecordFilter, find_records
from db.records import get_records
from db.tables import AnnotationRow, LatestProposalRow, RecordStateRow
from db.text_keys import in_blind_stream, normalise
from db.types import Answer, Kind, LabelSet, Project, Record, RecordStatus, Stage
from workbench.quality.record_request import RecordRequest

# So many records can be paged through; who looks for one among more had better narrow the filter.
MOST = 10_000
# A list shows some three lines of a text; what was looked for must be among them.
_EXCERPT, _EARLY, _BEFORE = 320, 120, 40


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadingProposal:
    """The surest of a record's proposals that the filter speaks of; `differs` from gold, None without gold."""

    answer: Answer
    score: float | None
    stage: Stage
    source: str
    differs: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordLine:
    """One record in a list. `excerpt` is its text or, of a long one, the part around what was looked for.

    `people` are those whose annotations stand, the latest first; `annotated_at` is when the latest was made.
    """

    id: int
    external_id: str
    excerpt: str
    length: int
    group: str | None
    blind: bool
    status: RecordStatus
    flagged: bool
    gold: Answer | None
    proposal: LeadingProposal | None
    people: tuple[str, ...]
    annotated_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPage:
    """`total` counts what was found, up to MOST; `more` says that there are more than these."""

    lines: tuple[RecordLine, ...]
    total: int
    more: bool
    page: int
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a project's records can be filtered by: labels (also those no longer in the label set), sources, people."""

    kind: Kind
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    stages: tuple[Stage, ...]
    people: tuple[str, ...]
    overlap: int


def list_records(engine: Engine, project_name: str, request: RecordRequest) -> RecordPage:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        found = find_records(session, project, request.filter, limit=MOST + 1)
        start = (request.page - 1) * request.size
        lines = _lines(session, project, request.filter, found[:MOST][start : start + request.size])
    total, more = min(len(found), MOST), len(found) > MOST
    return RecordPage(lines=tuple(lines), total=total, more=more, page=request.page, size=request.size)


def choices(engine: Engine, project_name: str) -> Choices:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        label_set = get_label_set(session, project)
        latest, state = LatestProposalRow, RecordStateRow
        sources = select(latest.source, latest.stage).where(latest.project_id == project.id).distinct()
        found = session.execute(sources).all()
        given = session.scalars(select(state.category).where(state.project_id == project.id).distinct())
        people = session.scalars(select(AnnotationRow.person).where(AnnotationRow.project_id == project.id).distinct())
        stages = {stage for _, stage in found}
        return Choices(
            kind=project.kind,
            categories=tuple(dict.fromkeys((*label_set.category_names, *sorted(filter(None, given))))),
            tags=_tags(label_set),
            sources=tuple(sorted({source for source, _ in found})),
            stages=tuple(stage for stage in Stage if stage in stages),
            people=tuple(sorted(people)),
            overlap=get_settings(session, project).overlap,
        )


def excerpt(text: str, needle: str = "") -> str:
    """The beginning of a text or, where `needle` comes later, the part around it; an ellipsis for what is left out.

    Pure.
    """
    place = text.casefold().find(normalise(needle)) if needle.strip() else -1
    start = place - _BEFORE if place > _EARLY else 0
    end = start + _EXCERPT
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _tags(label_set: LabelSet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.name for section in label_set.tags.values() for tag in section))


def _lines(session: Session, project: Project, wanted: RecordFilter, ids: Sequence[int]) -> list[RecordLine]:
    share = get_settings(session, project).blind_share
    own = (RecordStateRow.project_id == project.id, RecordStateRow.record_id.in_(ids))
    states = {row.record_id: row for row in session.scalars(select(RecordStateRow).where(*own))}
    proposals = _proposals(session, project, wanted, states, ids)
    log = annotations_for(session, ids)
    people = {i: tuple(dict.fromkeys(a.person for a in reversed(standing(rows)))) for i, rows in log.items()}
    return [
        _line(record, wanted, states.get(record.id), proposals.get(record.id), people, share)
        for record in get_records(session, ids)
    ]


def _line(
    record: Record,
    wanted: RecordFilter,
    state: RecordStateRow | None,
    proposal: LatestProposalRow | None,
    people: Mapping[int, tuple[str, ...]],
    share: float,
) -> RecordLine:
    gold = None if state is None else _answer(state)
    return RecordLine(
        id=record.id,
        external_id=record.external_id,
        excerpt=excerpt(record.text, wanted.text),
        length=len(record.text),
        group=record.group,
        blind=in_blind_stream(record.blind_hash, share),
        status=RecordStatus.UNANSWERED if state is None else RecordStatus(state.status),
        flagged=state is not None and state.flagged,
        gold=gold,
        proposal=None if proposal is None else _leading(proposal, gold),
        people=people.get(record.id, ()),
        annotated_at=None if state is None else state.annotated_at,
    )


def _proposals(
    session: Session,
    project: Project,
    wanted: RecordFilter,
    states: Mapping[int, RecordStateRow],
    ids: Sequence[int],
) -> dict[int, LatestProposalRow]:
    """The surest of each record's proposals that are on the list and of which the filter speaks."""
    latest = LatestProposalRow
    query = select(latest).where(latest.project_id == project.id, latest.record_id.in_(ids), latest.on_list)
    found: dict[int, LatestProposalRow] = {}
    for row in session.scalars(query):
        if not _is_meant(row, wanted, states.get(row.record_id)):
            continue
        if row.record_id not in found or (row.score or 0.0) > (found[row.record_id].score or 0.0):
            found[row.record_id] = row
    return found


def _is_meant(row: LatestProposalRow, wanted: RecordFilter, state: RecordStateRow | None) -> bool:
    """Whether the filter speaks of this proposal; as `db.record_filter` says it in SQL."""
    asked = ((wanted.proposed, row.category), (wanted.stage, row.stage), (wanted.source, row.source))
    if any(value is not None and value != found for value, found in asked):
        return False
    if wanted.proposed_tag is not None and wanted.proposed_tag not in (row.tags or ()):
        return False
    gold = None if state is None else _answer(state)
    return not wanted.disagrees or (gold is not None and differs(_answer_of(row), gold))


def _leading(row: LatestProposalRow, gold: Answer | None) -> LeadingProposal:
    answer = _answer_of(row)
    return LeadingProposal(
        answer=answer,
        score=row.score,
        stage=Stage(row.stage),
        source=row.source,
        differs=None if gold is None else differs(answer, gold),
    )


def differs(proposed: Answer, gold: Answer) -> bool:
    """Whether they say different things about what both speak of. Pure."""
    other_category = None not in (proposed.category, gold.category) and proposed.category != gold.category
    both_tags = proposed.tags is not None and gold.tags is not None
    return other_category or (both_tags and set(proposed.tags or ()) != set(gold.tags or ()))


def _answer(state: RecordStateRow) -> Answer | None:
    return None if state.category is None and state.tags is None else _answer_of(state)


def _answer_of(row: RecordStateRow | LatestProposalRow) -> Answer:
    return Answer(row.category, None if row.tags is None else tuple(row.tags))
