"""Whether a stage could run just now, found out without building it: no model is loaded, no endpoint asked."""

from __future__ import annotations

from sqlalchemy import Engine

from db.engine import reading
from db.promotions import latest_promotion
from db.records import count_records
from db.types import Project, Stage
from training.zero_shot import EXAMPLE, SETTING, UnfitModelError, unfit
from workbench.proposing import keywords
from workbench.proposing.stage import Lack, Task, Unavailable
from workbench.settings import WorkbenchSettings


def why_not(stage: Stage, task: Task, settings: WorkbenchSettings, engine: Engine) -> Unavailable | None:
    """What keeps the stage from running, or None."""
    if stage is Stage.KEYWORDS:
        built = keywords.build(task)
        return built if isinstance(built, Unavailable) else None
    if stage is Stage.MODEL:
        return _model(task, engine)
    if stage is Stage.SIMILARITY:
        return _similarity(task, engine)
    if stage is Stage.LLM:
        return llm_unavailable(task, settings)
    return zero_shot_unavailable(task, settings) if stage is Stage.ZERO_SHOT else only_from_files()


def llm_unavailable(task: Task, settings: WorkbenchSettings) -> Unavailable | None:
    """Why no language model can be asked, or None where one can."""
    if settings.missing_for_llm is not None:
        reason = f"no language model is set up; set {settings.missing_for_llm}"
        return Unavailable(stage=Stage.LLM, lack=Lack.LLM, reason=reason)
    if not task.project.kind.asks_category and not any(task.labels.tags.values()):
        return Unavailable(stage=Stage.LLM, lack=Lack.TAGS, reason="the tag catalogue is empty")
    return too_few_categories(Stage.LLM, task)


def zero_shot_unavailable(task: Task, settings: WorkbenchSettings) -> Unavailable | None:
    """Why no model can compare texts with labels, as far as can be told without the hub and without loading one."""
    if not settings.zero_shot_model:
        reason = f"no zero-shot model is set up; set {SETTING}, for example to {EXAMPLE}"
        return Unavailable(stage=Stage.ZERO_SHOT, lack=Lack.ZERO_SHOT, reason=reason)
    if (error := unfit(settings.zero_shot_model)) is not None:
        return unfit_model(error)
    if not task.project.kind.asks_category and not any(task.labels.tags.values()):
        return Unavailable(stage=Stage.ZERO_SHOT, lack=Lack.TAGS, reason="the tag catalogue is empty")
    return too_few_categories(Stage.ZERO_SHOT, task)


def unfit_model(error: UnfitModelError) -> Unavailable:
    return Unavailable(stage=Stage.ZERO_SHOT, lack=Lack.ZERO_SHOT_MODEL, reason=str(error))


def too_few_categories(stage: Stage, task: Task) -> Unavailable | None:
    if task.project.kind.asks_category and len(task.labels.categories) < 2:
        return Unavailable(stage=stage, lack=Lack.CATEGORIES, reason="it needs two categories")
    return None


def no_champion(project: Project) -> Unavailable:
    reason = f"no champion yet; train one with: python -m training.retrain --project {project.name}"
    return Unavailable(stage=Stage.MODEL, lack=Lack.CHAMPION, reason=reason)


def no_records() -> Unavailable:
    return Unavailable(stage=Stage.SIMILARITY, lack=Lack.RECORDS, reason="the project has no records yet")


def only_from_files() -> Unavailable:
    reason = "nothing to run: these proposals come from files (workbench import --proposal-column)"
    return Unavailable(stage=Stage.IMPORT, lack=Lack.FILE, reason=reason)


def _model(task: Task, engine: Engine) -> Unavailable | None:
    with reading(engine) as session:
        promoted = latest_promotion(session, task.project)
    return no_champion(task.project) if promoted is None else None


def _similarity(task: Task, engine: Engine) -> Unavailable | None:
    with reading(engine) as session:
        records = count_records(session, task.project)
    return too_few_categories(Stage.SIMILARITY, task) if records else no_records()
