"""Building the stages of the cascade from settings and from what the wiring hands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import Engine

from db.errors import UserError
from db.project_settings import ProjectSettings
from db.types import Project, Stage
from workbench.proposing import keywords, similarity, zero_shot
from workbench.proposing.availability import llm_unavailable, no_champion, no_records, only_from_files
from workbench.proposing.corpus import read_corpus
from workbench.proposing.llm.cache import CachedAsker
from workbench.proposing.llm.detect import find_asker
from workbench.proposing.llm.pricing import price_of
from workbench.proposing.llm.stage import LlmStage
from workbench.proposing.model import Champion, ModelStage
from workbench.proposing.stage import StageRunner, Task, Unavailable
from workbench.settings import WorkbenchSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What comes from elsewhere. `champion` gives None where nothing was promoted; `embedder` is fitted on texts."""

    settings: WorkbenchSettings
    champion: Callable[[Project], Champion | None]
    embedder: Callable[[Sequence[str]], similarity.Embedder]


def order_of(settings: ProjectSettings, named: Sequence[str] | None) -> tuple[Stage, ...]:
    """The stages to run, in the project's order and behind it those it leaves out.

    Raises UserError for a name that is no stage.
    """
    if named is None:
        return settings.stages
    known = {stage.value: stage for stage in Stage}
    if unknown := [name for name in named if name not in known]:
        raise UserError(f"--stages: no stage {unknown[0]!r}; stages: {', '.join(known)}")
    order = dict.fromkeys([*settings.stages, *Stage])
    return tuple(stage for stage in order if stage.value in named)


def build_stage(
    stage: Stage, task: Task, parts: Parts, engine: Engine, resources: ExitStack
) -> StageRunner | Unavailable:
    """One stage, ready to run, or why it cannot; may load a model, or ask an endpoint what it speaks.

    What it opens is closed with `resources`.
    """
    if stage is Stage.KEYWORDS:
        return keywords.build(task)
    if stage is Stage.MODEL:
        return _model(task, parts)
    if stage is Stage.SIMILARITY:
        return _similarity(task, parts, engine)
    if stage is Stage.LLM:
        return _llm(task, parts, engine, resources)
    if stage is Stage.ZERO_SHOT:
        return zero_shot.build(task, parts.settings)
    return only_from_files()


def _model(task: Task, parts: Parts) -> StageRunner | Unavailable:
    champion = parts.champion(task.project)
    if champion is not None:
        return ModelStage(task=task, champion=champion)
    return no_champion(task.project)


def _similarity(task: Task, parts: Parts, engine: Engine) -> StageRunner | Unavailable:
    corpus = read_corpus(engine, task)
    if not corpus.texts:
        return no_records()
    return similarity.build(task, parts.embedder(corpus.texts), corpus)


def _llm(task: Task, parts: Parts, engine: Engine, resources: ExitStack) -> StageRunner | Unavailable:
    if (unavailable := llm_unavailable(task, parts.settings)) is not None:
        return unavailable
    settings = parts.settings
    rationale = task.settings.rationale == "always"
    found = find_asker(settings, votes=task.settings.llm_votes, rationale=rationale)
    resources.callback(found.asker.close)
    asker = CachedAsker(asker=found.asker, engine=engine, price=price_of(settings, found.asker.api))
    return LlmStage(task=task, asker=asker, concurrency=settings.llm_concurrency, note=found.line)
