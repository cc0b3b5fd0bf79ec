"""The cascade: the project's stages in the project's order, each for the records that no earlier one settled."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.groups import get_units
from db.guidelines import get_guidelines
from db.label_sets import get_label_set
from db.project_settings import get_settings
from db.projects import get_project
from db.proposals import proposals_for, proposed_records, save_proposals
from db.records import chunks
from db.types import Proposal, Record, Stage
from workbench.proposing.corpus import unit_ids
from workbench.proposing.stage import (
    Failure,
    Item,
    Outcome,
    Rejection,
    StageRunner,
    Suggestion,
    Task,
    Unavailable,
    as_proposal,
    ends_cascade,
    item_of,
)
from workbench.proposing.stages import Parts, build_stage, order_of
from workbench.proposing.summary import ProposeSummary, StageReport

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, Stage], None]
_READ_AT_A_TIME = 5_000


@dataclass
class _Tally:
    """Counts while a stage runs."""

    counts: Counter[str] = field(default_factory=Counter)
    cost: float = 0.0
    problem: str = ""


def run(
    engine: Engine,
    project_name: str,
    *,
    parts: Parts,
    stages: Sequence[str] | None = None,
    limit: int | None = None,
    progress: Progress = lambda done, total, stage: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ProposeSummary:
    """Propose for the first `limit` records of a project, here and now.

    Without `stages`, a record goes through the project's stages until one settles it; named ones run on every record.
    What a stage has proposed already, under the same version, is left alone: a second run goes on where a first one
    stopped. Every chunk is committed as it is done. Raises UserError; what was done until then is kept.
    """
    task = open_task(engine, project_name)
    order = order_of(task.settings, stages)
    ids = unit_ids(engine, task, limit)
    settled = set() if stages is not None else _settled_by_imports(engine, task, ids)
    reports: list[StageReport] = []
    stopped = False
    for stage in order:
        if stopped := cancelled():
            break
        todo = ids if stages is not None else [i for i in ids if i not in settled]
        with ExitStack() as resources:
            runner = build_stage(stage, task, parts, engine, resources)
            if isinstance(runner, Unavailable):
                reports.append(_skipped(runner))
                continue
            report, now_settled, stopped = _Run(engine, task, runner, progress, cancelled).over(todo)
        reports.append(report)
        settled |= now_settled
        if stopped:
            break
    return ProposeSummary(
        project=project_name, records=len(ids), settled=len(settled), stages=tuple(reports), cancelled=stopped
    )


def _skipped(unavailable: Unavailable) -> StageReport:
    logger.info("%s: skipped, %s", unavailable.stage.value, unavailable.reason)
    return StageReport(stage=unavailable.stage, ran=False, note=unavailable.reason)


def read_task(engine: Engine, project_name: str) -> Task:
    """Raises UserError when there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        return Task(
            project=project,
            labels=get_label_set(session, project),
            settings=get_settings(session, project),
            guidelines=get_guidelines(session, project)[1],
        )


def open_task(engine: Engine, project_name: str) -> Task:
    """Raises UserError when there is no such project, or it has no labels to propose."""
    task = read_task(engine, project_name)
    asks_category = task.project.kind.asks_category
    lacking = not task.labels.categories if asks_category else not any(task.labels.tags.values())
    if lacking:
        what = "categories" if asks_category else "tags"
        raise UserError(
            f"project {project_name!r} has no {what} yet; add them with: workbench labels {project_name} --set FILE"
        )
    return task


@dataclass(frozen=True)
class _Run:
    """One stage over many records."""

    engine: Engine
    task: Task
    runner: StageRunner
    progress: Progress
    cancelled: Callable[[], bool]

    def over(self, ids: Sequence[int]) -> tuple[StageReport, set[int], bool]:
        """(report, ids of the records this stage settles, whether it was cancelled)."""
        if self.runner.note:
            logger.info("%s", self.runner.note)
        tally, settled, stopped = _Tally(), self._settled_before(ids), False
        with reading(self.engine) as session:
            have = proposed_records(session, self.task.project, self.runner.source, self.runner.version)
        todo = [i for i in ids if i not in have]
        done = tally.counts["kept"] = len(ids) - len(todo)
        self.progress(done, len(ids), self.runner.stage)
        for chunk in chunks(todo, self.runner.chunk):
            if stopped := self.cancelled():
                break
            settled |= self._chunk(chunk, tally, done, len(ids))
            done += len(chunk)
            self.progress(done, len(ids), self.runner.stage)
        return self._report(tally, len(settled)), settled, stopped

    def _chunk(self, ids: Sequence[int], tally: _Tally, done: int, total: int) -> set[int]:
        with reading(self.engine) as session:
            records = get_units(session, self.task.project, self.task.settings, ids)
        waiting: dict[tuple[str, str | None], list[Record]] = {}
        for record in records:
            waiting.setdefault((record.text_key, record.category), []).append(record)
        items = [item_of(same[0]) for same in waiting.values()]
        tally.counts["records"] += len(records)
        proposals: list[Proposal] = []
        try:
            for item, outcome in self.runner.propose(items):
                same = waiting[item.text_key, item.category]
                proposals += self._fanned_out(item, outcome, same, tally)
                done += len(same)
                if self.runner.stage is Stage.LLM:  # the only stage whose chunks take long
                    self.progress(done, total, self.runner.stage)
        finally:
            with writing(self.engine) as session:
                save_proposals(session, self.task.project, proposals)
        return {p.record_id for p in proposals if ends_cascade(self.task.project.kind, p, self.task.settings)}

    def _fanned_out(self, item: Item, outcome: Outcome, same: Sequence[Record], tally: _Tally) -> list[Proposal]:
        """The outcome for one text as a proposal for each record that has it; the first carries the cost."""
        tally.counts["asked"] += 1
        if isinstance(outcome, Suggestion):
            tally.counts["cached"] += outcome.cached
            tally.counts["proposed"] += len(same)
            tally.cost += outcome.cost
            costs = [outcome.cost, *[0.0] * (len(same) - 1)]
            return [as_proposal(r.id, self.runner, outcome, cost=c) for r, c in zip(same, costs, strict=True)]
        if isinstance(outcome, Rejection):
            tally.counts["cached"] += outcome.cached
            tally.counts["rejected"] += len(same)
            tally.cost += outcome.cost
            tally.problem = outcome.reason
        elif isinstance(outcome, Failure):
            tally.counts["errors"] += len(same)
            tally.problem = outcome.reason
            logger.warning("%s: %s: %s", self.runner.source, same[0].external_id, outcome.reason)
        return []

    def _settled_before(self, ids: Sequence[int]) -> set[int]:
        mine = (self.runner.source, self.runner.version)
        return _settled(self.engine, self.task, ids, lambda p: (p.source, p.version) == mine)

    def _report(self, tally: _Tally, settled: int) -> StageReport:
        runner, counts = self.runner, tally.counts
        return StageReport(
            stage=runner.stage,
            source=runner.source,
            version=runner.version,
            note=runner.note,
            records=counts["records"],
            asked=counts["asked"],
            cached=counts["cached"],
            kept=counts["kept"],
            proposed=counts["proposed"],
            settled=settled,
            rejected=counts["rejected"],
            errors=counts["errors"],
            cost=tally.cost,
            problem=tally.problem,
        )


def _settled_by_imports(engine: Engine, task: Task, ids: Sequence[int]) -> set[int]:
    """Records that a proposal from a file, sure enough for the project's threshold, has settled."""
    return _settled(engine, task, ids, lambda proposal: proposal.stage is Stage.IMPORT)


def _settled(engine: Engine, task: Task, ids: Sequence[int], counts: Callable[[Proposal], bool]) -> set[int]:
    kind, settled = task.project.kind, set()
    for chunk in chunks(ids, _READ_AT_A_TIME):
        with reading(engine) as session:
            kept = proposals_for(session, chunk)
        ends = {
            i for i, found in kept.items() if any(counts(p) and ends_cascade(kind, p, task.settings) for p in found)
        }
        settled |= ends
    return settled
