"""Curation: people take records from the queue and answer. The page and `workbench annotate` both call this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from db.annotation_log import STANDS, annotations_for
from db.annotations import save_annotations
from db.engine import reading, writing
from db.groups import get_units
from db.guidelines import get_guidelines
from db.label_sets import get_label_set
from db.leases import count_left, lease, release
from db.project_settings import get_settings
from db.projects import get_project, list_projects
from db.proposals import proposals_for
from db.queues import QueueItem, current_queue
from db.records import as_record, visible_records
from db.spot_checks import in_check
from db.tables import AnnotationRow, RecordRow, utcnow
from db.types import Annotation, Project, Proposal, Record, Status
from workbench.queues import reasons
from workbench.queues.curation_rules import Refused, Terms, is_blind, judge, suggest, unknown_record
from workbench.queues.curation_types import (
    Action,
    ActionResult,
    CurationItem,
    Progress,
    Refusal,
    Setup,
    Synced,
)


def projects(engine: Engine) -> list[Project]:
    """Every project, by name."""
    with reading(engine) as session:
        return list_projects(session)


def setup(engine: Engine, project_name: str) -> Setup:
    """Raises UserError where there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        version, guidelines = get_guidelines(session, project)
        return Setup(
            name=project.name,
            kind=project.kind,
            label_set=get_label_set(session, project),
            guideline_version=version,
            guidelines=guidelines,
        )


def next_items(
    engine: Engine, project_name: str, *, person: str, holder: str, want: int, have: Sequence[int] = ()
) -> list[CurationItem]:
    """Lease the next `want` records of the queue to `holder` (a tab), renewing those it has.

    Raises UserError where there is no such project.
    """
    return list(sync(engine, project_name, person=person, holder=holder, want=want, have=have).items)


def apply(
    engine: Engine, project_name: str, *, person: str, holder: str, actions: Sequence[Action]
) -> list[ActionResult]:
    """Save `actions` in their order; those at fault are refused one by one and the others saved.

    Raises UserError where there is no such project.
    """
    return list(sync(engine, project_name, person=person, holder=holder, actions=actions).results)


def sync(
    engine: Engine,
    project_name: str,
    *,
    person: str,
    holder: str,
    actions: Sequence[Action] = (),
    want: int = 0,
    have: Sequence[int] = (),
    since: datetime | None = None,
) -> Synced:
    """Save actions and lease records in one short write; then read what is to be shown.

    `since` is the start of the person's day, for `Progress.today`; midnight UTC where it is left out.
    Raises UserError where there is no such project.
    """
    with writing(engine) as session:
        terms = _terms(session, project_name)
        results = _save(session, terms, person, actions) if actions else ()
        leased = lease(session, terms.project, person=person, holder=holder, want=want, have=have)
    with reading(engine) as session:
        return Synced(
            results=tuple(results),
            items=tuple(_items(session, terms, leased)),
            progress=_progress(session, terms.project, person, since or _midnight()),
            label_set_version=terms.label_set.version,
        )


def leave(engine: Engine, *, person: str, holder: str) -> None:
    """Give back what `holder` has leased: its tab closes."""
    with writing(engine) as session:
        release(session, person=person, holder=holder)


def _terms(session: Session, project_name: str) -> Terms:
    project = get_project(session, project_name)
    return Terms(
        project=project,
        settings=get_settings(session, project),
        label_set=get_label_set(session, project),
        guideline_version=get_guidelines(session, project)[0],
    )


def _save(session: Session, terms: Terms, person: str, actions: Sequence[Action]) -> list[ActionResult]:
    desk = _Desk.of(session, terms, person, [a.record_id for a in actions])
    results = [ActionResult(client_id=action.client_id, refusal=desk.take(action)) for action in actions]
    save_annotations(session, terms.project, desk.fresh)
    return results


@dataclass(frozen=True, kw_only=True, slots=True)
class _Desk:
    """What is known of the records of one batch, growing as its actions are judged in turn."""

    terms: Terms
    person: str
    records: dict[int, Record]
    proposals: dict[int, list[Proposal]]
    logs: dict[int, list[Annotation]]
    checked: set[int]
    fresh: list[Annotation] = field(default_factory=list)

    @classmethod
    def of(cls, session: Session, terms: Terms, person: str, ids: Sequence[int]) -> _Desk:
        rows = session.scalars(visible_records(terms.project).where(RecordRow.id.in_(ids)))
        records = {row.id: as_record(row) for row in rows}
        found = list(records)
        proposals, logs = proposals_for(session, found), annotations_for(session, found)
        checked = in_check(session, terms.project, found)
        return cls(terms=terms, person=person, records=records, proposals=proposals, logs=logs, checked=checked)

    def take(self, action: Action) -> Refusal | None:
        """Judge one action; None where it is saved, now or by an earlier try."""
        record = self.records.get(action.record_id)
        if record is None:
            return unknown_record(self.terms.project, action.record_id)
        log = self.logs.setdefault(record.id, [])
        if any(a.client_id == action.client_id for a in log):
            return None
        proposals = {p.id: p for p in self.proposals.get(record.id, ()) if p.id is not None}
        try:
            annotation = judge(
                self.terms,
                action,
                person=self.person,
                record=record,
                proposals=proposals,
                log=log,
                unseen=record.id in self.checked,
            )
        except Refused as refused:
            return refused.refusal
        if annotation is not None:
            log.append(annotation)
            self.fresh.append(annotation)
        return None


def _items(session: Session, terms: Terms, leased: Sequence[QueueItem]) -> list[CurationItem]:
    ids = [item.record_id for item in leased]
    proposals = proposals_for(session, ids)
    units = {unit.id: unit for unit in get_units(session, terms.project, terms.settings, ids)}
    return [
        _item(terms, units[place.record_id], place, proposals.get(place.record_id, []))
        for place in leased
        if place.record_id in units
    ]


def _item(terms: Terms, record: Record, place: QueueItem, proposals: Sequence[Proposal]) -> CurationItem:
    stream, check = is_blind(record, terms.settings), place.reason == reasons.CHECK
    return CurationItem(
        record_id=record.id,
        external_id=record.external_id,
        text=record.text,
        # A queue's reason may name what a model thought, which a blind record must not tell.
        reason=reasons.BLIND if stream else place.reason,
        blind=stream or check,
        group=record.group,
        category=record.category,
        attributes=record.attributes,
        suggestion=None if check else suggest(terms, record, proposals),
    )


def _progress(session: Session, project: Project, person: str, since: datetime) -> Progress:
    done = [status.value for status in Status if status is not Status.UNDONE]
    today = select(func.count()).where(
        AnnotationRow.project_id == project.id,
        AnnotationRow.person == person,
        AnnotationRow.status.in_(done),
        AnnotationRow.annotated_at >= since,
        # What a file brought under this name is nobody's work of today.
        AnnotationRow.import_id.is_(None),
        STANDS,
    )
    queue = current_queue(session, project)
    left = 0 if queue is None else count_left(session, project, queue, person)
    return Progress(today=session.scalar(today) or 0, left=left, queue=queue is not None)


def _midnight() -> datetime:
    return utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
