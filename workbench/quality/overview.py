"""The figures of a project's overview page: how far it is, what the labels look like, who did what, whom to trust."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.label_sets import get_label_set
from db.project_settings import ProjectSettings, get_settings
from db.projects import get_project
from db.queues import count_open, current_queue
from db.records import count_records
from db.tables import RecordRow
from db.text_keys import BLIND_BUCKETS
from db.types import Half, Kind, Project, Status
from db.visibility import visible
from workbench.quality.distribution import Distribution, distribution, gold_counts, tag_names
from workbench.quality.sources import SourceAgreement, source_agreements
from workbench.quality.standing import ANSWERS, any_of, count_of, standing
from workbench.quality.work import DayWork, PersonWork, work_by_day, work_by_person


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Records by what people did: `answered` at all; `skipped` or `flagged` and not answered.

    `calibration` and `test` are the records of the blind stream's halves with a blind answer. `queued` are the open
    places of the queue, None if there is no queue.
    """

    records: int
    answered: int
    skipped: int
    flagged: int
    calibration: int
    test: int
    queued: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """`categories` and `tags` are None where the project does not ask for them."""

    project: str
    kind: Kind
    progress: Progress
    categories: Distribution | None
    tags: Distribution | None
    people: tuple[PersonWork, ...]
    days: tuple[DayWork, ...]
    sources: tuple[SourceAgreement, ...]


def overview(engine: Engine, project_name: str) -> Overview:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        settings = get_settings(session, project)
        label_set = get_label_set(session, project)
        categories, tags = gold_counts(session, project, settings)
        return Overview(
            project=project.name,
            kind=project.kind,
            progress=_progress(session, project, settings),
            categories=distribution(categories, label_set.category_names) if project.kind.asks_category else None,
            tags=distribution(tags, tag_names(label_set)) if project.kind.asks_tags else None,
            people=work_by_person(session, project),
            days=work_by_day(session, project),
            sources=source_agreements(session, project),
        )


def _progress(session: Session, project: Project, settings: ProjectSettings) -> Progress:
    stand = standing(project).subquery()
    answer = stand.c.status.in_(ANSWERS)
    by_record = (
        select(
            stand.c.record_id,
            any_of(answer).label("answered"),
            any_of(and_(answer, stand.c.blind)).label("blind"),
            any_of(stand.c.status == Status.SKIPPED.value).label("skipped"),
            any_of(stand.c.status == Status.FLAGGED.value).label("flagged"),
        )
        .group_by(stand.c.record_id)
        .subquery()
    )
    done = by_record.c
    in_stream = and_(done.blind == 1, RecordRow.blind_hash < round(settings.blind_share * BLIND_BUCKETS))
    counted = (
        count_of(done.answered == 1),
        count_of(and_(done.answered == 0, done.skipped == 1)),
        count_of(and_(done.answered == 0, done.flagged == 1)),
        count_of(and_(in_stream, RecordRow.half == Half.CALIBRATION.value)),
        count_of(and_(in_stream, RecordRow.half == Half.TEST.value)),
    )
    query = select(*counted).join_from(by_record, RecordRow, RecordRow.id == done.record_id).where(visible(RecordRow))
    answered, skipped, flagged, calibration, test = session.execute(query).one()
    queue = current_queue(session, project)
    return Progress(
        records=count_records(session, project),
        answered=answered,
        skipped=skipped,
        flagged=flagged,
        calibration=calibration,
        test=test,
        queued=None if queue is None else count_open(session, queue.id),
    )
