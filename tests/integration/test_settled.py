"""What the stages settled, against the rule that the cascade itself goes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import reading, writing
from db.project_settings import get_settings, set_setting
from db.projects import create_project
from db.proposals import latest_by_source, proposals_for, save_proposals
from db.records import add_record
from db.types import Answer, Kind, Project, Proposal, Role, Stage
from workbench.proposing.plan import ProposePlan
from workbench.proposing.settled import settled
from workbench.proposing.stage import ends_cascade
from workbench.settings import load_workbench_settings
from workbench.ui.pages.proposals import proposals_routes

KINDS = list(Kind)


def fill(engine: Engine, kind: Kind) -> Project:
    """Twelve records with proposals of all stages: sure and unsure, whole and in part, on and off the list."""
    with writing(engine) as session:
        project = create_project(session, "p", kind)
        set_setting(session, project, "stages", "similarity,keywords")
        for place in range(12):
            record = add_record(session, project, external_id=str(place), text=f"текст {place}")
            proposals = [
                Proposal(
                    record_id=record.id,
                    stage=stage,
                    source=f"{stage.value}:a",
                    answer=Answer("A" if (place + at) % 3 else None, ("t",) if (place + at) % 4 else None),
                    score=None if (place * at) % 7 == 6 else ((place * 3 + at * 5) % 11) / 10,
                    on_list=(place + at) % 5 != 0,
                    cost=0.5 if stage is Stage.LLM else 0.0,
                )
                for at, stage in enumerate(Stage)
                if (place + at) % 2
            ]
            save_proposals(session, project, proposals)
    return project


@pytest.mark.parametrize("kind", KINDS)
def test_each_record_is_counted_for_the_first_stage_that_settles_it(engine: Engine, kind: Kind) -> None:
    project = fill(engine, kind)
    found = settled(engine, "p")
    expected: Counter[Stage] = Counter()
    with reading(engine) as session:
        settings = get_settings(session, project)
        order = list(dict.fromkeys([*settings.stages, *Stage]))
        for proposals in proposals_for(session, list(range(1, 13))).values():
            ending = [p.stage for p in latest_by_source(proposals) if ends_cascade(kind, p, settings)]
            expected.update([min(ending, key=order.index)] if ending else [])
    assert found.by_stage == dict(expected)
    assert sum(expected.values())
    assert found.records == 12


def test_sources_are_counted_with_their_scores_and_costs(engine: Engine) -> None:
    fill(engine, Kind.CATEGORY)
    by_source = {one.source: one for one in settled(engine, "p").sources}
    assert set(by_source) == {f"{stage.value}:a" for stage in Stage}
    assert by_source["llm:a"].cost == pytest.approx(0.5 * by_source["llm:a"].proposed)
    assert by_source["keywords:a"].cost == 0
    assert 0 < by_source["keywords:a"].mean_score < 1


def test_the_newest_proposal_of_a_source_counts(engine: Engine) -> None:
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        record = add_record(session, project, external_id="1", text="текст")
        for version, score in (("1", 1.0), ("2", 0.1)):
            given = Proposal(record.id, Stage.KEYWORDS, "keywords", Answer("A"), score=score, version=version)
            save_proposals(session, project, [given])
    assert settled(engine, "p").by_stage == {}


@pytest.fixture
def priced() -> list[tuple[object, ...]]:
    return []


@pytest.fixture
def client(sqlite: Engine, client_of: Callable[..., TestClient], priced: list[tuple[object, ...]]) -> TestClient:
    fill(sqlite, Kind.CATEGORY)

    def price(*asked: object) -> ProposePlan:
        priced.append(asked)
        return ProposePlan(project="p", records=12, texts=12, stages=())

    own = load_workbench_settings()
    return client_of(proposals_routes(sqlite, own, price, None), role=Role.REVIEWER)  # type: ignore[arg-type]


def test_the_page_gets_counts_thresholds_and_what_keeps_the_language_model_away(client: TestClient) -> None:
    found = client.get("/api/proposals/p").json()
    assert found["order"] == ["similarity", "keywords"]
    assert found["thresholds"]["keywords"] == 0.9
    assert found["llm"]["missing"] == "WORKBENCH_LLM_BASE_URL"
    assert client.get("/api/proposals/p/agreement").json() == []
    assert client.get("/api/proposals/q").status_code == 404


def test_a_reviewer_may_price_a_run_but_not_start_it(client: TestClient, priced: list[tuple[object, ...]]) -> None:
    body = {"stages": ["keywords"], "limit": 5}
    assert client.post("/api/proposals/p/price", json=body).json()["records"] == 12
    assert priced == [("p", ["keywords"], 5)]
    assert client.post("/api/proposals/p/runs", json=body).status_code == 403


@pytest.mark.parametrize("body", [{"stages": []}, {"stages": ["nonsense"]}, {"limit": 0}, {"limit": 2**40}])
def test_a_run_of_nothing_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/api/proposals/p/price", json=body).status_code == 422
