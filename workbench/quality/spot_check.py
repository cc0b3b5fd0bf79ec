"""Spot checks of what stages settled: a random draw that people answer unseen, and how often the stages were right."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.errors import UserError
from db.project_settings import ProjectSettings, get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.proposals import latest_by_source, proposals_for, settles
from db.queues import QueueItem, put_first
from db.record_states import sorted_tags
from db.settling import settled_by, stage_order
from db.spot_checks import CHECK_REASON, CheckItem, SpotCheck, check_items, latest_check, save_check, unchecked_records
from db.tables import RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Project, Proposal, Stage
from db.visibility import unseen_records
from training.intervals import wilson

CHECK_SIZE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class StageCheck:
    """Of `drawn` records of a stage `judged` are answered, and of those its label was `right`; Wilson's 95 % interval.

    `settled` is how many records the draw stands for.
    """

    stage: Stage
    settled: int
    drawn: int
    judged: int
    right: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """`waiting` records are not answered yet; the rest of the drawn ones are, or were flagged."""

    drawn_at: datetime
    seed: int
    drawn: int
    waiting: int
    stages: tuple[StageCheck, ...]


def draw_check(
    engine: Engine, project_name: str, *, size: int = CHECK_SIZE, seed: int | None = None, by: str = ""
) -> None:
    """Draw `size` records that stages have settled and nobody has answered, and put them first in the queue.

    Every stage gets the same number of them as far as it has so many. None is of the blind stream, which is to stay a
    random sample, nor a twin of one. A draw takes the place of the one before. Raises UserError where nothing is
    settled.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    with reading(engine) as session:
        settings = get_settings(session, project)
        strata = _strata(session, project, settings)
        items = _items(session, project, settings, draw(strata, size, seed))
    if not items:
        raise UserError(f"project {project_name!r} has no settled records that nobody answered; let the stages propose")
    with writing(engine, by=by) as session:
        save_check(session, project, seed, {stage: len(ids) for stage, ids in strata.items()}, items)
        put_first(session, project, [QueueItem(item.record_id, CHECK_REASON) for item in items], CHECK_REASON)


def check_report(engine: Engine, project_name: str) -> CheckReport | None:
    """How the latest check stands; None where there was none.

    Only answers that were given unseen count. In a project of categories and tags the category is judged, in one of
    tags the set of them.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        check = latest_check(session, project)
        if check is None:
            return None
        items = check_items(session, check)
        waiting = len(unchecked_records(session, project))
        return CheckReport(
            drawn_at=check.created_at,
            seed=check.seed,
            drawn=len(items),
            waiting=waiting,
            stages=tuple(_by_stage(check, items, _judged(session, project, items))),
        )


def draw(strata: Mapping[Stage, Sequence[int]], size: int, seed: int) -> list[tuple[int, Stage]]:
    """(record, stage) of `size` random records, in random order; the same seed draws the same. Pure."""
    generator = random.Random(seed)  # noqa: S311
    shares = even_shares({stage: len(ids) for stage, ids in strata.items()}, size)
    drawn = [(i, stage) for stage in strata for i in generator.sample(sorted(strata[stage]), shares[stage])]
    generator.shuffle(drawn)
    return drawn


def even_shares(available: Mapping[Stage, int], size: int) -> dict[Stage, int]:
    """`size` places given out as evenly as what there is allows. Pure."""
    shares: dict[Stage, int] = {}
    left = size
    for place, stage in enumerate(sorted(available, key=lambda stage: available[stage])):
        shares[stage] = min(available[stage], left // (len(available) - place))
        left -= shares[stage]
    return shares


def _strata(session: Session, project: Project, settings: ProjectSettings) -> dict[Stage, list[int]]:
    """Records to draw from, by the stage that settled them."""
    stated = select(RecordStateRow.record_id).where(RecordStateRow.project_id == project.id)
    own = RecordRow.project_id == project.id
    stream = select(RecordRow.text_key).where(own, RecordRow.blind_hash < blind_end(settings.blind_share))
    first, order = settled_by(project, settings), stage_order(settings)
    query = (
        select(RecordRow.id, first.c.place)
        .join(first, first.c.record_id == RecordRow.id)
        .where(
            own,
            RecordRow.id.not_in(unseen_records(project)),
            RecordRow.id.not_in(stated),
            RecordRow.text_key.not_in(stream),
        )
    )
    strata: dict[Stage, list[int]] = {}
    for record_id, place in session.execute(query.order_by(first.c.place, RecordRow.id)):
        strata.setdefault(order[place], []).append(record_id)
    return strata


def _items(
    session: Session, project: Project, settings: ProjectSettings, drawn: Sequence[tuple[int, Stage]]
) -> list[CheckItem]:
    """What settled each drawn record: of its stage's sources the surest."""
    proposals = proposals_for(session, [record_id for record_id, _ in drawn])
    items = []
    for record_id, stage in drawn:
        own = (p for p in latest_by_source(proposals[record_id]) if p.stage is stage)
        settling = [p for p in own if settles(p, settings) and _is_whole(project, p)]
        best = max(settling, key=lambda p: p.score or 0.0)
        items.append(
            CheckItem(record_id=record_id, stage=stage, source=best.source, answer=best.answer, score=best.score)
        )
    return items


def _is_whole(project: Project, proposal: Proposal) -> bool:
    kind, answer = project.kind, proposal.answer
    return (answer.category is not None or not kind.asks_category) and (answer.tags is not None or not kind.asks_tags)


def _judged(session: Session, project: Project, items: Sequence[CheckItem]) -> dict[int, bool]:
    """Whether the drawn label was right, by record, for those that were answered unseen."""
    state = RecordStateRow
    query = select(state.record_id, state.blind_category, state.blind_tags).where(
        state.project_id == project.id, state.record_id.in_([item.record_id for item in items])
    )
    said = {row.record_id: row for row in session.execute(query)}
    judged: dict[int, bool] = {}
    for item in items:
        row = said.get(item.record_id)
        if project.kind.asks_category and row is not None and row.blind_category is not None:
            judged[item.record_id] = row.blind_category == item.answer.category
        elif not project.kind.asks_category and row is not None and row.blind_tags is not None:
            judged[item.record_id] = row.blind_tags == sorted_tags(item.answer.tags)
    return judged


def _by_stage(check: SpotCheck, items: Sequence[CheckItem], judged: Mapping[int, bool]) -> Iterable[StageCheck]:
    for stage, settled in check.strata.items():
        own = [item.record_id for item in items if item.stage is stage]
        verdicts = [judged[i] for i in own if i in judged]
        low, high = wilson(sum(verdicts), len(verdicts))
        yield StageCheck(
            stage=stage,
            settled=settled,
            drawn=len(own),
            judged=len(verdicts),
            right=sum(verdicts),
            low=low,
            high=high,
        )
