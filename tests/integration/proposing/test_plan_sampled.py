"""A plan over more texts than are measured one by one: counts are exact, tokens and the cache's share are estimates."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import DEFAULT_STAGES, set_setting
from db.projects import create_project
from db.promotions import Promotion, save_promotion
from db.proposals import save_proposals
from db.records import add_record
from db.types import Answer, Kind, Project, Proposal, Stage
from workbench.proposing import coverage
from workbench.proposing.availability import why_not
from workbench.proposing.cascade import read_task
from workbench.proposing.plan import plan
from workbench.proposing.stage import Lack
from workbench.proposing.stages import Parts
from workbench.settings import WorkbenchSettings

LLM = WorkbenchSettings(llm_base_url="http://127.0.0.1:9/v1", llm_model="gpt-6-luna", llm_api="chat")


def parts(settings: WorkbenchSettings = LLM) -> Parts:
    def unused(_: object) -> None:
        raise AssertionError("a plan builds nothing")

    return Parts(settings=settings, champion=unused, embedder=unused)


@pytest.fixture
def project(engine: Engine) -> Project:
    """Sixty records, the last of them a twin of the first; the first twenty are settled."""
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": [{"name": "a", "keywords": ["текст"]}, "b"]}))
        texts = [*(f"текст {n:02}" for n in range(59)), "текст 00"]
        records = [
            add_record(session, project, external_id=str(n), text=text, group=f"g{n // 2}")
            for n, text in enumerate(texts)
        ]
        settled = [Proposal(r.id, Stage.KEYWORDS, "keywords", Answer("a"), score=0.95) for r in records[:20]]
        save_proposals(session, project, settled)
    return project


@pytest.mark.parametrize("measured", [7, 2000])
def test_a_sample_gives_the_counts_and_the_price_of_the_whole(
    engine: Engine, project: Project, monkeypatch: pytest.MonkeyPatch, measured: int
) -> None:
    monkeypatch.setattr(coverage, "MEASURED", measured)
    everything = plan(engine, "p", parts=parts(), stages=["llm"])
    (llm,) = everything.stages
    assert (everything.records, everything.texts, llm.records, llm.texts, llm.requests) == (60, 59, 60, 59, 59)
    assert llm.cost is not None
    left = plan(engine, "p", parts=parts())
    assert [stage.stage for stage in left.stages] == [*DEFAULT_STAGES]
    # The twin of a settled record is open: each record's proposals are its own.
    assert {(stage.records, stage.texts) for stage in left.stages if stage.runs} == {(40, 40)}
    assert left.cost == pytest.approx(llm.cost * 40 / 59, rel=0.02)
    assert plan(engine, "p", parts=parts(), limit=30).stages[-1].records == 10


def test_in_a_project_that_works_by_group_each_group_is_a_text(
    engine: Engine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "MEASURED", 5)
    with writing(engine) as session:
        set_setting(session, project, "by_group", "true")
    (llm,) = plan(engine, "p", parts=parts(), stages=["llm"]).stages
    assert (llm.records, llm.texts, llm.requests) == (30, 30, 30)


def test_why_a_stage_cannot_run_is_known_without_building_it(engine: Engine, project: Project) -> None:
    def lacks(settings: WorkbenchSettings) -> dict[Stage, Lack]:
        task = read_task(engine, "p")
        found = {stage: why_not(stage, task, settings, engine) for stage in Stage}
        return {stage: one.lack for stage, one in found.items() if one is not None}

    always = {Stage.ZERO_SHOT: Lack.ZERO_SHOT, Stage.IMPORT: Lack.FILE}
    assert lacks(WorkbenchSettings()) == {Stage.MODEL: Lack.CHAMPION, Stage.LLM: Lack.LLM} | always
    with writing(engine) as session:
        save_promotion(session, project, Promotion("p", "1", "promote"))
    assert lacks(LLM) == always


def test_a_project_with_nothing_in_it_lacks_everything(engine: Engine) -> None:
    with writing(engine) as session:
        create_project(session, "empty", Kind.CATEGORY)
    task = read_task(engine, "empty")
    found = {stage: why_not(stage, task, LLM, engine) for stage in (Stage.KEYWORDS, Stage.SIMILARITY, Stage.LLM)}
    assert {stage: one.lack for stage, one in found.items() if one} == {
        Stage.KEYWORDS: Lack.KEYWORDS,
        Stage.SIMILARITY: Lack.RECORDS,
        Stage.LLM: Lack.CATEGORIES,
    }
