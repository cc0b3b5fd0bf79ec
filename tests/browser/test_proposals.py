"""The Proposals page in a real browser: what is settled, the price before the run, the run as a job."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.job_rows import put_job_state
from workbench.jobs.job import JobKind
from workbench.jobs.store import JobStore
from workbench.proposing.plan import plan
from workbench.proposing.stages import Parts
from workbench.settings import WorkbenchSettings

from .conftest import OpenTab
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.hit = 1'>${1}"
LABELS = {"categories": [{"name": name, "keywords": [name]} for name in CATEGORIES]}


def seed_some(engine: Engine) -> None:
    texts = [f"Отзыв номер {i}: обувь" for i in range(10)]
    seed(engine, Seed(texts=texts, labels=LABELS, proposed={i: llm("обувь", score=0.9) for i in range(4)}))


@pytest.mark.parametrize(("locale", "words"), [("ru-RU", "Никто не уверен"), ("en-US", "Nobody is sure enough")])
def test_it_says_what_each_stage_settled_and_what_is_left(
    sqlite: Engine, open_tab: OpenTab, locale: str, words: str
) -> None:
    seed_some(sqlite)
    tab = open_tab("/proposals", locale=locale)
    tab.page.wait_for_selector(".wb-cascade")
    assert words in tab.page.locator(".wb-cascade .is-left").inner_text()
    assert tab.page.locator(".wb-cascade .is-left b").inner_text() == "6"
    assert "llm:small-decision" in tab.page.locator("table").last.inner_text()
    assert tab.faults == []


def test_the_price_is_said_before_anything_runs_and_a_run_becomes_a_job(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_some(sqlite)
    page = open_tab("/proposals").page
    page.get_by_role("button", name="Оценить").click()
    page.wait_for_selector("table >> text=пропускается: языковая модель не подключена")
    assert "бесплатно" in page.locator("table").first.inner_text()

    page.get_by_label("Источники проекта").uncheck()
    for stage in ("своя модель", "похожие тексты", "LLM"):
        page.get_by_role("group", name="Источники").get_by_label(stage).uncheck()
    page.get_by_role("button", name="Запустить").click()
    page.wait_for_selector(".wb-job")
    page.get_by_role("link", name="Открыть задание").click()
    page.wait_for_selector("[data-page=jobs]")


def test_a_project_without_texts_sends_to_the_data_page(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=[]))
    page = open_tab("/proposals").page
    page.get_by_role("link", name="Загрузить данные").click()
    page.wait_for_selector("[data-page=data]")


def test_a_stage_that_cannot_run_says_why(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_some(sqlite)
    page = open_tab("/proposals").page
    page.wait_for_selector(".wb-cascade")
    lacks = page.locator(".wb-cascade-lack").all_inner_texts()
    assert lacks == [
        "пропускается: рабочей модели пока нет",
        "пропускается: модель для zero-shot не задана",
        "пропускается: языковая модель не подключена",
    ]


def zero_shot_price(engine: Engine, folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """What the server would say of a run with a model of this configuration, and nothing but that."""
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    settings = WorkbenchSettings(zero_shot_model=str(folder))
    parts = Parts(settings=settings, champion=lambda project: None, embedder=lambda texts: pytest.fail("no embedding"))
    priced: dict[str, Any] = json.loads(
        json.dumps(plan(engine, "reviews", parts=parts, stages=["zero-shot"]).as_dict())
    )
    return priced


def test_a_model_on_this_machine_says_how_many_pairs_it_has_and_warns_of_hours(
    sqlite: Engine, open_tab: OpenTab, tmp_path: Path
) -> None:
    seed_some(sqlite)
    nli = {"id2label": {"0": "contradiction", "1": "entailment"}, "hidden_size": 768, "num_hidden_layers": 12}
    priced = zero_shot_price(sqlite, tmp_path, nli)
    priced["stages"][0]["effort"]["seconds"] = 11_000
    priced["slow"] = ["zero-shot"]
    page = open_tab("/proposals").page
    page.route("**/price", lambda route: route.fulfill(json=priced))
    page.get_by_role("button", name="Оценить").click()
    page.wait_for_selector(".wb-effort-slow")
    told = page.locator("table").first.inner_text()
    assert f"{10 * len(CATEGORIES)} пар" in told
    assert "примерно 3 ч на процессоре этой машины — по размеру модели" in told
    assert "быстрее модель поменьше или видеокарта" in told


def test_a_model_that_cannot_compare_is_refused_with_the_reason(
    sqlite: Engine, open_tab: OpenTab, tmp_path: Path
) -> None:
    seed_some(sqlite)
    priced = zero_shot_price(sqlite, tmp_path, {"model_type": "xlm-roberta"})
    page = open_tab("/proposals").page
    page.route("**/price", lambda route: route.fulfill(json=priced))
    page.get_by_role("button", name="Оценить").click()
    page.wait_for_selector(".wb-effort-slow")
    told = page.locator("table").first.inner_text()
    assert "не умеет сравнивать тексты с метками" in told
    assert "не обучена NLI: меток 2 (LABEL_0, LABEL_1), entailment среди них нет" in told


def test_a_run_that_goes_on_is_followed_when_the_page_is_opened(
    sqlite: Engine, jobs: JobStore, open_tab: OpenTab
) -> None:
    seed_some(sqlite)
    job_id = jobs.add(JobKind.PROPOSE, "reviews", {}, by="Анна")
    put_job_state(jobs, job_id, "PENDING", progress={"done": 3, "total": 10, "what": "similarity"})
    page = open_tab("/proposals").page
    page.wait_for_selector(".wb-job [aria-valuenow='30']")
    assert "похожие тексты" in page.locator(".wb-job").inner_text()
    put_job_state(jobs, job_id, "SUCCESS", result={"records": 10, "settled": 4, "proposed": 6, "cost": 0})
    page.wait_for_selector(".wb-job", state="detached")


@pytest.mark.parametrize("locale", ["ru-RU", "en-US"])
def test_hostile_sources_and_errors_are_shown_as_they_are(
    sqlite: Engine, jobs: JobStore, open_tab: OpenTab, locale: str
) -> None:
    hostile = replace(llm("обувь", score=0.9), source=HOSTILE)
    seed(sqlite, Seed(texts=["Отзыв: обувь"], labels=LABELS, proposed={0: hostile}))
    job_id = jobs.add(JobKind.PROPOSE, "reviews", {}, by=HOSTILE)
    put_job_state(jobs, job_id, "PENDING", progress={"done": 0, "total": 1, "what": HOSTILE})
    tab = open_tab("/proposals", locale=locale)
    tab.page.wait_for_selector(".wb-job")
    assert HOSTILE in tab.page.locator("table").last.inner_text()
    put_job_state(jobs, job_id, "ERROR", error=f"WORKBENCH_LLM_BASE_URL={HOSTILE} cannot be reached")
    tab.page.wait_for_selector(".wb-job [role=alert]")
    assert HOSTILE in tab.page.get_by_role("alert").inner_text()
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.faults == []
