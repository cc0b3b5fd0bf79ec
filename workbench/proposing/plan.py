"""What a run would ask and cost, without asking anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from db.types import Stage
from training.zero_shot import UnfitModelError
from workbench.proposing.availability import why_not
from workbench.proposing.cascade import open_task
from workbench.proposing.coverage import Coverage, covered
from workbench.proposing.effort import Effort, effort_line, slow_line, zero_shot_effort
from workbench.proposing.llm.cache import CachedAsker
from workbench.proposing.llm.detect import make_asker
from workbench.proposing.llm.local import LocalAsker
from workbench.proposing.llm.pricing import estimate, price_of, tokens_of
from workbench.proposing.llm.questions import Asker, Usage
from workbench.proposing.llm.stage import LlmStage
from workbench.proposing.stage import Item, Lack, Task
from workbench.proposing.stages import Parts, order_of
from workbench.settings import LlmApi, WorkbenchSettings

_TRIED = 500
_FREE = {Stage.KEYWORDS: "free", Stage.MODEL: "free", Stage.SIMILARITY: "free; embeds every text"}
PRICE_UNKNOWN = "price unknown: set WORKBENCH_LLM_INPUT_PRICE and WORKBENCH_LLM_OUTPUT_PRICE ($ per million tokens)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """At most this much: earlier stages may settle records first. Tokens are estimates; `cost` in US dollars.
    `effort` is that of a model on this machine, for stages that may take long.

    `lack` is what keeps a stage from running, `api` how a language model would be asked.
    """

    stage: Stage
    runs: bool = True
    lack: Lack | None = None
    note: str = ""
    api: str = ""
    records: int = 0
    texts: int = 0
    requests: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    effort: Effort | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlan:
    """`records` the run covers and the distinct `texts` among them; `cost` is None where a price is unknown."""

    project: str
    records: int
    texts: int
    stages: tuple[StagePlan, ...]

    @property
    def cost(self) -> float | None:
        costs = [stage.cost for stage in self.stages]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def slow(self) -> tuple[StagePlan, ...]:
        """The stages whose model would take long."""
        return tuple(stage for stage in self.stages if stage.effort is not None and stage.effort.is_long)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"cost": self.cost, "slow": [stage.stage for stage in self.slow]}

    def lines(self) -> list[str]:
        """One line for the run, one per stage, and one for what would take long, for people."""
        told = [f"{self.records} records, {self.texts} distinct texts", *(_line(stage) for stage in self.stages)]
        return [*told, *(slow_line(stage.stage, stage.effort) for stage in self.slow if stage.effort is not None)]


def plan(
    engine: Engine,
    project_name: str,
    *,
    parts: Parts,
    stages: Sequence[str] | None = None,
    limit: int | None = None,
    measure: bool = False,
) -> ProposePlan:
    """What `cascade.run` with the same arguments would do at most. Calls no endpoint and fetches nothing.

    No model is loaded, unless to `measure` how long one takes that is on this machine. Of more than `coverage.MEASURED`
    texts, tokens and answers in the cache are estimated from as many.
    """
    task = open_task(engine, project_name)
    order = order_of(task.settings, stages)
    coverage = covered(engine, task, named=stages is not None, limit=limit)
    planned = tuple(_planned(stage, task, parts.settings, engine, coverage, measure=measure) for stage in order)
    return ProposePlan(project=project_name, records=coverage.records, texts=coverage.texts, stages=planned)


def _planned(
    stage: Stage, task: Task, settings: WorkbenchSettings, engine: Engine, coverage: Coverage, *, measure: bool
) -> StagePlan:
    unavailable = why_not(stage, task, settings, engine)
    if unavailable is not None:
        return StagePlan(stage=stage, runs=False, lack=unavailable.lack, note=unavailable.reason)
    if stage is Stage.LLM:
        return _llm(task, settings, engine, coverage)
    if stage is Stage.ZERO_SHOT:
        return _zero_shot(task, settings, coverage, measure=measure)
    return StagePlan(stage=stage, note=_FREE[stage], records=coverage.open_records, texts=coverage.open_texts)


def _zero_shot(task: Task, settings: WorkbenchSettings, coverage: Coverage, *, measure: bool) -> StagePlan:
    try:
        effort = zero_shot_effort(task, settings, coverage, measure=measure)
    except UnfitModelError as error:
        return StagePlan(stage=Stage.ZERO_SHOT, runs=False, lack=Lack.ZERO_SHOT_MODEL, note=str(error))
    return StagePlan(
        stage=Stage.ZERO_SHOT,
        note=effort_line(coverage.open_texts, effort),
        records=coverage.open_records,
        texts=coverage.open_texts,
        effort=effort,
    )


def _llm(task: Task, settings: WorkbenchSettings, engine: Engine, coverage: Coverage) -> StagePlan:
    rationale = task.settings.rationale == "always"
    stages = [
        LlmStage(task=task, asker=CachedAsker(asker=asker, engine=engine, price=None), concurrency=1)
        for asker in _possible(task, settings)
    ]
    items = coverage.sample
    # Where the endpoint has still to be asked what it speaks: the API that was used before, or else the dearest, chat.
    stage = max(stages, key=lambda stage: stage.known(engine, items[:_TRIED])) if len(stages) > 1 else stages[0]
    cached = stage.known(engine, items)
    usage, requests = _estimated(stage, items, rationale=rationale)
    left = 1 - min(1.0, cached / requests) if requests else 0.0
    price = price_of(settings, stage.api)
    notes = [f"by the {stage.api} API"] if settings.llm_api is not LlmApi.AUTO or cached or len(stages) == 1 else []
    notes = notes or [f"as if by the {stage.api} API; which one the endpoint speaks is asked when it runs"]
    if price is None:
        notes.append(PRICE_UNKNOWN)
    left_usage = Usage(
        input_tokens=coverage.scaled(round(usage.input_tokens * left)),
        output_tokens=coverage.scaled(round(usage.output_tokens * left)),
    )
    return StagePlan(
        stage=Stage.LLM,
        note="; ".join(notes),
        api=stage.api,
        records=coverage.open_records,
        texts=coverage.open_texts,
        requests=coverage.scaled(requests),
        cached=coverage.scaled(cached),
        input_tokens=left_usage.input_tokens,
        output_tokens=left_usage.output_tokens,
        cost=None if price is None else price.of(left_usage),
    )


def _possible(task: Task, settings: WorkbenchSettings) -> list[Asker]:
    """The askers this may be, the dearest first."""
    if settings.local_model is not None:
        return [LocalAsker(model=settings.local_model)]
    apis = [settings.llm_api]
    if settings.llm_api is LlmApi.AUTO:
        apis = [LlmApi.CHAT, LlmApi.DECISIONS, LlmApi.SYSTEMONE]
    rationale = task.settings.rationale == "always"
    return [make_asker(settings, api, votes=task.settings.llm_votes, rationale=rationale) for api in apis]


def _estimated(stage: LlmStage, items: Sequence[Item], *, rationale: bool) -> tuple[Usage, int]:
    """(tokens, requests) for all items and votes, answers in the cache included."""
    # The order of options differs from text to text, their length does not.
    by_category: dict[str | None, list[Usage]] = {}
    total_in = total_out = requests = 0
    for item in items:
        if item.category not in by_category:
            asked = stage.requests_for(item, 0)
            by_category[item.category] = [estimate(r, api=stage.api, rationale=rationale) for r in asked]
        usages = by_category[item.category]
        total_in += sum(usage.input_tokens for usage in usages) + len(usages) * tokens_of(item.text)
        total_out += sum(usage.output_tokens for usage in usages)
        requests += len(usages)
    votes = stage.votes
    return Usage(input_tokens=total_in * votes, output_tokens=total_out * votes), requests * votes


def _line(plan: StagePlan) -> str:
    if not plan.runs:
        return f"{plan.stage.value}: would be skipped, {plan.note}"
    if plan.stage is not Stage.LLM:
        return f"{plan.stage.value}: at most {plan.records} records, {plan.note}"
    cost = "unknown cost" if plan.cost is None else f"about ${plan.cost:.4f}"
    return (
        f"llm: at most {plan.records} records, {plan.texts} texts in {plan.requests} requests, {plan.cached} of them "
        f"answered already; about {plan.input_tokens} tokens in and {plan.output_tokens} out, {cost} ({plan.note})"
    )
