"""From the browser alone, with a real worker: train twice, promote, go back; and the log of it all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.audit import list_changes
from db.engine import reading, writing
from db.model_versions import list_versions
from db.projects import get_project
from db.promotions import list_promotions
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Status

from .conftest import REPOSITORY, OpenTab, Site
from .seeding import Seed, seed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SHARE = 0.4
# The first training makes MLflow's database, which takes it half a minute.
TRAINING_MS = 200_000


@pytest.fixture
def worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "WORKBENCH_HOME": str(site.home),
        "WORKBENCH_DATABASE_URL": site.url,
        "PYTHONPATH": str(REPOSITORY),
    }
    process = subprocess.Popen([sys.executable, "-m", "workbench.cli", "worker"], env=environment)
    yield process
    process.terminate()
    process.wait()


def labelled(engine: Engine) -> None:
    """Shoes and dishes that can be told apart by their words, all labelled, in the stream blindly."""
    words = {"обувь": "сапоги жмут подошва", "посуда": "тарелка кастрюля ложка"}
    texts = [f"{words[name]} номер {n}" for n in range(60) for name in words]
    settings = {"blind_share": str(SHARE), "gate_min_rows": "10"}
    project, records = seed(engine, Seed(name="loop", texts=texts, settings=settings, labels={"categories": [*words]}))
    with writing(engine) as session:
        answers = [
            Annotation(
                record.id,
                "анна",
                Status.GIVEN,
                Answer("обувь" if "сапоги" in record.text else "посуда"),
                blind=in_blind_stream(record.blind_hash, SHARE),
            )
            for record in records
        ]
        save_annotations(session, project, answers)


def train(page: Page, version: str) -> None:
    page.get_by_label("Рецепт", exact=True).select_option("tfidf")
    page.get_by_label("Смена рабочей модели").select_option("never")
    page.get_by_role("button", name="Обучить").click()
    page.get_by_role("heading", name=f"Версия {version}").wait_for(timeout=TRAINING_MS)


def promote(page: Page, version: str) -> None:
    page.get_by_role("button", name=f"версия {version}").click()
    page.get_by_role("heading", name=f"Версия {version}").wait_for()
    page.get_by_role("button", name="Сделать рабочей").click()
    page.get_by_role("dialog").get_by_role("button", name="Сделать рабочей").click()
    page.locator(".wb-comparison .is-champion").wait_for(timeout=60_000)


@pytest.mark.usefixtures("jobs", "worker")
def test_two_trainings_a_promotion_of_each_and_a_way_back(sqlite: Engine, open_tab: OpenTab) -> None:
    labelled(sqlite)
    tab = open_tab("/models?project=loop")
    page = tab.page
    train(page, "1")
    assert "прошла проверку" in page.locator(".wb-comparison").inner_text()
    train(page, "2")
    promote(page, "1")
    promote(page, "2")
    page.get_by_role("button", name="Откатить").click()
    page.get_by_role("button", name="Вернуться к версии 1").click()
    page.locator(".wb-model-versions .wb-model-version", has_text="версия 1").locator(".is-champion").wait_for(
        timeout=60_000
    )

    with reading(sqlite) as session:
        project = get_project(session, "loop")
        versions, promotions = list_versions(session, project), list_promotions(session, project)
        changes = list_changes(session, project="loop")
    assert [(v.version, v.recipe, v.person, v.contests[0].rows >= 10) for v in versions] == [
        ("2", "tfidf", "me", True),
        ("1", "tfidf", "me", True),
    ]
    assert [(p.version, p.previous_version, p.verdict) for p in promotions] == [
        ("1", "2", "rolled back"),
        ("2", "1", "by hand"),
        ("1", None, "by hand"),
    ]
    assert promotions[1].reasons == versions[0].reasons
    assert {change.person for change in changes if change.action == "champion.set"} == {"me"}
    assert [change.new["kind"] for change in changes if change.action == "job.add"] == [
        "rollback",
        "promote",
        "promote",
        "retrain",
        "retrain",
    ]

    page.goto(page.url.replace("/models", "/jobs"))
    page.get_by_role("button", name="Обучение").first.click()
    page.get_by_role("log").get_by_text("begun: retrain of loop, for me").wait_for()
    page.get_by_role("log").get_by_text("gate: 1 of 1").wait_for()
    assert tab.faults == []
