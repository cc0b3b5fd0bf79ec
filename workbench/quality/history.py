"""The whole history of one record: where it came from, what was proposed, what people did, what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.annotation_log import annotations_for, standing
from db.engine import reading
from db.errors import NotFoundError
from db.gold import resolve
from db.groups import as_unit
from db.model_versions import list_versions
from db.project_settings import ProjectSettings, get_settings
from db.projects import get_project
from db.proposals import choose, latest_by_source, proposals_for
from db.queues import current_queue
from db.record_states import state_of
from db.records import as_record, find_by_text_key, records_of_group, visible_records
from db.snapshots import list_snapshots
from db.tables import AnnotationRow, ImportRow, LeaseRow, ProposalRow, QueueItemRow, QueueRow, RecordRow, utcnow
from db.text_keys import in_blind_stream
from db.types import Annotation, Project, Record, RecordStatus
from training.snapshot_search import splits_of
from workbench.quality.gold_story import why
from workbench.quality.history_types import (
    Held,
    Learnt,
    Place,
    RecordHistory,
    Relative,
    Source,
    ToldAnnotation,
    ToldProposal,
)
from workbench.quality.record_list import excerpt

# Of a group of thousands, a text that came a thousand times, a long row of snapshots and of versions.
_RELATIVES, _SNAPSHOTS, _VERSIONS = 50, 10, 1_000


def record_history(engine: Engine, project_name: str, record_id: int, *, snapshots: Path) -> RecordHistory:
    """`snapshots` is the folder of frozen ones. Raises NotFoundError for a record that the project does not have."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        row = session.scalar(visible_records(project).where(RecordRow.id == record_id))
        if row is None:
            raise NotFoundError(f"project {project.name!r} has no record {record_id}")
        return _history(session, project, row, snapshots)


def _history(session: Session, project: Project, row: RecordRow, snapshots: Path) -> RecordHistory:
    settings, record = get_settings(session, project), as_record(row)
    log = annotations_for(session, [record.id]).get(record.id, [])
    members = [] if record.group is None else records_of_group(session, project, record.group)
    state = state_of(log, settings.overlap)
    return RecordHistory(
        record=record,
        original_text=row.original_text,
        imported=_sources(session, [row.import_id]).get(row.import_id),
        half=record.half if in_blind_stream(record.blind_hash, settings.blind_share) else None,
        group=_relatives(record, members),
        twins=_relatives(record, find_by_text_key(session, project, record.text_key)),
        answered_as=_answered_as(settings, record, members),
        proposals=_proposals(session, settings, record),
        annotations=_annotations(session, log),
        status=RecordStatus.UNANSWERED if state is None else state.status,
        flagged=state is not None and state.flagged,
        gold=resolve(log, overlap=settings.overlap),
        why=why(log, settings.overlap),
        overlap=settings.overlap,
        place=_place(session, project, record.id),
        held=_held(session, record.id),
        learnt=_learnt(session, project, _key(settings, record, members), snapshots),
    )


def _relatives(record: Record, others: Iterable[Record]) -> tuple[Relative, ...]:
    found = [other for other in others if other.id != record.id]
    return tuple(Relative(id=r.id, external_id=r.external_id, excerpt=excerpt(r.text)) for r in found[:_RELATIVES])


def _answered_as(settings: ProjectSettings, record: Record, members: Sequence[Record]) -> int | None:
    first = members[0].id if settings.by_group and members else record.id
    return None if first == record.id else first


def _key(settings: ProjectSettings, record: Record, members: Sequence[Record]) -> str:
    """That of the text which models learn: the group's, where people label whole groups."""
    return as_unit(members, settings.max_chars).text_key if settings.by_group and members else record.text_key


def _sources(session: Session, import_ids: Iterable[int | None]) -> dict[int | None, Source]:
    query = select(ImportRow).where(ImportRow.id.in_({i for i in import_ids if i is not None}))
    return {row.id: Source(file=row.file, completed_at=row.completed_at) for row in session.scalars(query)}


def _proposals(session: Session, settings: ProjectSettings, record: Record) -> tuple[ToldProposal, ...]:
    proposals = proposals_for(session, [record.id]).get(record.id, [])
    query = select(ProposalRow.id, ProposalRow.created_at, ProposalRow.import_id)
    when = {row.id: row for row in session.execute(query.where(ProposalRow.record_id == record.id))}
    sources = _sources(session, (row.import_id for row in when.values()))
    newest = {p.id for p in latest_by_source(proposals)}
    chosen = choose(proposals, settings)
    return tuple(
        ToldProposal(
            proposal=p,
            created_at=when[p.id].created_at,
            imported=sources.get(when[p.id].import_id),
            newest=p.id in newest,
            shown=chosen is not None and p.id == chosen.id,
        )
        for p in proposals
        if p.id is not None
    )


def _annotations(session: Session, log: Sequence[Annotation]) -> tuple[ToldAnnotation, ...]:
    query = select(AnnotationRow.id, AnnotationRow.import_id).where(AnnotationRow.id.in_([a.id for a in log]))
    imports = {row.id: row.import_id for row in session.execute(query)}
    sources = _sources(session, imports.values())
    stand = {a.id for a in standing(log)}
    return tuple(
        ToldAnnotation(annotation=a, imported=sources.get(imports.get(a.id or 0)), stands=a.id in stand) for a in log
    )


def _place(session: Session, project: Project, record_id: int) -> Place | None:
    queue = current_queue(session, project)
    if queue is None:
        return None
    own = (QueueItemRow.queue_id == queue.id, QueueItemRow.record_id == record_id)
    item = session.scalar(select(QueueItemRow).where(*own))
    if item is None:
        return None
    created_at = session.scalars(select(QueueRow.created_at).where(QueueRow.id == queue.id)).one()
    return Place(
        position=item.position + 1,
        open=item.open,
        reason=item.reason,
        score=item.score,
        strategy=queue.strategy,
        created_at=created_at,
    )


def _held(session: Session, record_id: int) -> tuple[Held, ...]:
    query = select(LeaseRow).where(LeaseRow.record_id == record_id, LeaseRow.expires_at > utcnow())
    return tuple(Held(person=row.person, until=row.expires_at) for row in session.scalars(query))


def _learnt(session: Session, project: Project, text_key: str, folder: Path) -> tuple[Learnt, ...]:
    versions: dict[str, list[str]] = {}
    for version in list_versions(session, project, limit=_VERSIONS):
        versions.setdefault(version.snapshot, []).append(version.version)
    newest = list_snapshots(session, project)[:_SNAPSHOTS]
    found = ((kept, splits_of(folder, kept.fingerprint, text_key)) for kept in newest)
    return tuple(
        Learnt(
            fingerprint=kept.fingerprint,
            created_at=kept.created_at,
            splits=splits,
            versions=tuple(versions.get(kept.fingerprint, ())),
        )
        for kept, splits in found
        if splits
    )
