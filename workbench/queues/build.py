"""Building a project's queue: whom to ask what next, with the blind stream spread evenly through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import Engine

from db.annotations import refresh_queue_items
from db.engine import reading, writing
from db.groups import get_units
from db.opinions import iterate_opinions
from db.project_settings import ProjectSettings, get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.queues import QueueItem, count_open, current_queue, queue_items, save_queue
from db.spot_checks import unchecked_records
from db.types import Project, Record
from training.embedding_cache import Embedded, EmbeddingCache
from workbench.queues import reasons
from workbench.queues.candidates import Candidate, list_candidates
from workbench.queues.opinions import Opinions, opinions_on
from workbench.queues.pool import Pool, Strategy
from workbench.queues.scoring import Predictor, Progress, uncertainty_of
from workbench.queues.strategies import get_strategy
from workbench.queues.uncertainty import Uncertainty


@dataclass(frozen=True, kw_only=True)
class QueueSummary:
    """What was queued. `waiting` counts all the different texts that still want people; `embedder` is its own line."""

    queue_id: int
    strategy: str
    model_version: str | None
    size: int
    active: int
    blind: int
    skipped: int
    waiting: int
    embedder: str | None


@dataclass(frozen=True, kw_only=True)
class QueuedRecord:
    """A record with its rank (from 1) among those that wait, and the code of the reason."""

    rank: int
    record: Record
    score: float | None
    reason: str


def build_queue(
    engine: Engine,
    project_name: str,
    *,
    embeddings: EmbeddingCache,
    strategy: str | None = None,
    size: int | None = None,
    predictor: Predictor | None = None,
    progress: Progress = lambda records, fraction: None,
) -> QueueSummary:
    """Order the texts that want people by a strategy (the project's by default) and make that the queue.

    The blind stream gets its share of the places, in an order of its own that no model has a say in; texts that
    somebody skipped come last, and what a spot check still asks for comes first. `progress` gets the records scored and
    the fraction they are. Raises UserError for an unknown project or strategy, or an embedder that cannot be had.
    """
    plan = _plan(engine, project_name, strategy)
    size = plan.settings.queue_size if size is None else size
    blind_places = share_places(size, plan.settings.blind_share, len(plan.active), len(plan.blind))
    opinions = _opinions(engine, plan) if plan.strategy.needs_opinions else None
    picked, embedder = _pick(plan, size - blind_places, predictor, opinions, embeddings, progress)
    blind = [QueueItem(c.record.id, reasons.BLIND) for c in plan.blind[:blind_places]]
    skipped = [QueueItem(c.record.id, reasons.SKIPPED) for c in plan.skipped[: size - len(picked) - len(blind)]]
    version = predictor.version if predictor and plan.strategy.needs_scores else None
    checks = [QueueItem(record_id, reasons.CHECK) for record_id in plan.unchecked]
    others = (item for item in (*interleave(picked, blind), *skipped) if item.record_id not in plan.unchecked)
    queue_id = _save(engine, plan, [*checks, *others], version)
    return QueueSummary(
        queue_id=queue_id,
        strategy=plan.strategy.name,
        model_version=version,
        size=len(picked) + len(blind) + len(skipped),
        active=len(picked),
        blind=len(blind),
        skipped=len(skipped),
        waiting=len(plan.active) + len(plan.blind) + len(plan.skipped),
        embedder=embedder,
    )


def next_items(
    engine: Engine,
    project_name: str,
    *,
    embeddings: EmbeddingCache,
    strategy: str | None = None,
    size: int = 10,
    load_predictor: Callable[[], Predictor | None] = lambda: None,
    progress: Progress = lambda records, fraction: None,
) -> list[QueuedRecord]:
    """The next `size` records that wait, and why.

    A queue is built first where there is none, where it was made by another strategy than the one asked for, or where
    fewer than `size` of it are left; only then is the champion loaded.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
        settings = get_settings(session, project)
        queue = current_queue(session, project)
        enough = queue is not None and count_open(session, queue.id) >= size
    if queue is None or not enough or strategy not in (None, queue.strategy):
        queue_id = build_queue(
            engine,
            project_name,
            embeddings=embeddings,
            strategy=strategy or (queue.strategy if queue else None),
            size=max(size, settings.queue_size),
            predictor=load_predictor(),
            progress=progress,
        ).queue_id
    else:
        queue_id = queue.id
    with reading(engine) as session:
        items = queue_items(session, queue_id, size)
        records = get_units(session, project, settings, [item.record_id for item in items])
    return [
        QueuedRecord(rank=rank, record=record, score=item.score, reason=item.reason)
        for rank, (item, record) in enumerate(zip(items, records, strict=True), start=1)
    ]


def share_places(size: int, share: float, active: int, blind: int) -> int:
    """How many of `size` places the blind stream gets: its share, and what the active part leaves free. Pure."""
    for_active = min(active, size - min(blind, round(size * share)))
    return min(blind, size - for_active)


def interleave(active: Sequence[QueueItem], blind: Sequence[QueueItem]) -> list[QueueItem]:
    """Both in their own order, the fewer spread evenly among the more. Pure."""
    placed = [((number + 0.5) / len(items), item) for items in (active, blind) for number, item in enumerate(items)]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What the database says before anything is scored."""

    project: Project
    settings: ProjectSettings
    strategy: Strategy
    candidates: Sequence[Candidate]
    unchecked: Sequence[int]

    @cached_property
    def active(self) -> list[Candidate]:
        return [c for c in self.candidates if c.fresh and not c.blind]

    @cached_property
    def blind(self) -> list[Candidate]:
        """By text key, which is as good as random and the same every time."""
        stream = (c for c in self.candidates if c.fresh and c.blind)
        return sorted(stream, key=lambda c: c.record.text_key)

    @cached_property
    def skipped(self) -> list[Candidate]:
        return [c for c in self.candidates if c.wanted and c.skipped]


def _plan(engine: Engine, project_name: str, strategy: str | None) -> _Plan:
    with reading(engine) as session:
        project = get_project(session, project_name)
        settings = get_settings(session, project)
        chosen = get_strategy(strategy or settings.strategy)
        candidates = list_candidates(session, project, settings)
        unchecked = unchecked_records(session, project)
    return _Plan(project=project, settings=settings, strategy=chosen, candidates=candidates, unchecked=unchecked)


def _opinions(engine: Engine, plan: _Plan) -> Opinions:
    """Of a text, whichever of its records they are about; of a group, those about the record that stands for it."""
    ensure_projections(engine, plan.project)
    records = [c.record for c in plan.active]
    with reading(engine) as session:
        said = iterate_opinions(session, plan.project)
        if plan.settings.by_group:
            return opinions_on([r.id for r in records], ((i, source, label) for i, _, source, label in said))
        return opinions_on([r.text_key for r in records], ((key, source, label) for _, key, source, label in said))


def _pick(
    plan: _Plan,
    size: int,
    predictor: Predictor | None,
    opinions: Opinions | None,
    embeddings: EmbeddingCache,
    progress: Progress,
) -> tuple[list[QueueItem], str | None]:
    """The active part of the queue, and the embedder's line if one was needed."""
    if not plan.active or size <= 0:
        return [], None
    records = [c.record for c in plan.active]
    uncertainty, embedded = None, None
    if predictor is not None and plan.strategy.needs_scores:
        uncertainty = uncertainty_of(predictor, records, plan.settings.tag_threshold, progress)
    if plan.strategy.needs_vectors:
        # All texts, answered ones too: the vectors on disk then stay the same while people work.
        every = [c.record for c in plan.candidates]
        embedded = embeddings.embed(plan.project.name, [r.text_key for r in every], [r.text for r in every])
    pool = _pool(plan, embedded, uncertainty, opinions)
    picked = plan.strategy.pick(pool, size)
    items = [
        QueueItem(records[row].id, reason, float(score))
        for row, reason, score in zip(picked.indices.tolist(), picked.reasons, picked.scores, strict=True)
    ]
    return items, embedded.description if embedded else None


def _pool(plan: _Plan, embedded: Embedded | None, uncertainty: Uncertainty | None, opinions: Opinions | None) -> Pool:
    vectors = np.zeros((len(plan.candidates), 1), dtype=np.float32) if embedded is None else embedded.vectors
    active = [i for i, c in enumerate(plan.candidates) if c.fresh and not c.blind]
    answered = [i for i, c in enumerate(plan.candidates) if c.answered and not c.blind]
    return Pool(
        count=len(active),
        vectors=vectors[active],
        answered=vectors[answered],
        uncertainty=uncertainty,
        opinions=opinions,
    )


def _save(engine: Engine, plan: _Plan, items: Sequence[QueueItem], model_version: str | None) -> int:
    with writing(engine) as session:
        queue_id = save_queue(session, plan.project, plan.strategy.name, items, model_version)
        # People went on answering while the order was being made.
        refresh_queue_items(session, plan.project, [item.record_id for item in items])
    return queue_id
