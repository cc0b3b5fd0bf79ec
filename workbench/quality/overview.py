"""The figures of a project's overview page: how far it is, what the labels look like, who did what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine, and_, func, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.label_sets import get_label_set
from db.project_settings import ProjectSettings, get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.queues import current_queue
from db.records import count_records
from db.tables import RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Half, Kind, Project, RecordStatus
from workbench.quality.distribution import Distribution, distribution, gold_counts, tag_names
from workbench.quality.work import DayWork, PersonWork, work


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Records by what people did: `answered` at all; else `flagged`; else `skipped`.

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


def overview(engine: Engine, project_name: str) -> Overview:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        settings = get_settings(session, project)
        label_set = get_label_set(session, project)
        categories, tags = gold_counts(session, project)
        people, days = work(session, project)
        return Overview(
            project=project.name,
            kind=project.kind,
            progress=_progress(session, project, settings),
            categories=distribution(categories, label_set.category_names) if project.kind.asks_category else None,
            tags=distribution(tags, tag_names(label_set)) if project.kind.asks_tags else None,
            people=people,
            days=days,
        )


def _progress(session: Session, project: Project, settings: ProjectSettings) -> Progress:
    state = RecordStateRow
    by_status = select(state.status, func.count()).where(state.project_id == project.id).group_by(state.status)
    counts: Counter[str] = Counter(dict(session.execute(by_status).all()))
    in_stream = (
        select(RecordRow.half, func.count())
        .join(state, and_(state.project_id == project.id, state.record_id == RecordRow.id))
        .where(state.blind, RecordRow.blind_hash < blind_end(settings.blind_share))
        .group_by(RecordRow.half)
    )
    halves = dict(session.execute(in_stream).all())
    queue = current_queue(session, project)
    return Progress(
        records=count_records(session, project),
        answered=counts[RecordStatus.ANSWERED] + counts[RecordStatus.WAITING],
        skipped=counts[RecordStatus.SKIPPED],
        flagged=counts[RecordStatus.FLAGGED],
        calibration=halves.get(Half.CALIBRATION, 0),
        test=halves.get(Half.TEST, 0),
        queued=None if queue is None else queue.open_items,
    )
