"""The Models page in a real browser: comparing versions, training, promoting and going back. No worker runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.model_versions import Figure, LabelScore, ModelVersion, TaskContest, save_version
from db.promotions import Promotion, save_promotion
from db.reasons import Reason
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Project, Status
from tests.job_rows import put_job_state
from workbench.jobs.job import JobKind
from workbench.jobs.store import JobStore

from .conftest import OpenTab
from .readers import serious_faults
from .seeding import CATEGORIES, Seed, seed

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.hit = 1'>${1}"
SHARE = 0.5
LOSS = Reason("loss", {"task": "category", "label": HOSTILE, "before": 0.5, "after": 0.25, "rows": 12, "floor": 0.1})
# label, rows, F1 of the version, F1 of the champion
SCORES = ((HOSTILE, 12, 0.25, 0.5), ("обувь", 40, 0.9, 0.7), ("посуда", 3, 0.5, 0.5))


def labelled(engine: Engine, how_many: int = 40) -> Project:
    """A project with labels in both halves of the stream and outside it."""
    texts = [f"Отзыв {n}" for n in range(60)]
    settings = {"blind_share": str(SHARE), "gate_min_rows": "10"}
    project, records = seed(
        engine, Seed(name="отзывы", texts=texts, settings=settings, labels={"categories": CATEGORIES})
    )
    with writing(engine) as session:
        answers = [
            Annotation(r.id, "анна", Status.GIVEN, Answer("обувь"), blind=in_blind_stream(r.blind_hash, SHARE))
            for r in records[:how_many]
        ]
        save_annotations(session, project, answers)
    return project


def a_version(number: str, *, against: str = "", verdict: str = "keep", rows: int = 55, **more: Any) -> ModelVersion:
    labels = [LabelScore(name=n, support=s, ours=o, theirs=t if against else None) for n, s, o, t in SCORES]
    contest = TaskContest(
        task="category",
        measure="weighted_f1",
        rows=rows,
        against=against,
        ours=Figure(value=0.712, low=0.61, high=0.8),
        theirs=Figure(value=0.654, low=0.55, high=0.75),
        difference=Figure(value=0.058, low=-0.01, high=0.12),
        labels=tuple(labels),
    )
    fields: dict[str, Any] = {"recipe": "tfidf", "contests": (contest,), "reasons": (LOSS,), "person": HOSTILE} | more
    return ModelVersion(
        model_name="отзывы", version=number, run_id=f"run{number}", snapshot="5ab1e5", verdict=verdict, **fields
    )


@pytest.fixture
def trained(sqlite: Engine) -> Project:
    """Version 2 is the champion after version 1; version 3 has been trained since, and kept out."""
    project = labelled(sqlite)
    with writing(sqlite) as session:
        for number in ("1", "2"):
            save_version(session, project, a_version(number, verdict="promote"))
            save_promotion(session, project, Promotion("отзывы", number, "promote", (LOSS,)))
        save_version(session, project, a_version("3", against="2"))
    return project


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(
    ("locale", "figure", "verdict", "said"),
    [
        ("ru-RU", "0,712", "не прошла проверку", f"категория, «{HOSTILE}»: F1 упал бы с 0,50 до 0,25, строк 12"),
        ("en-US", "0.712", "kept out by the gate", f"category '{HOSTILE}' would fall from F1 0.50 to 0.25 on 12 rows"),
    ],
)
def test_a_version_stands_beside_the_champion_of_its_day_with_the_gates_words(
    open_tab: OpenTab, locale: str, figure: str, verdict: str, said: str
) -> None:
    tab = open_tab("/models", locale=locale)
    shown = tab.page.locator(".wb-comparison")
    shown.wait_for()
    words = shown.inner_text()
    assert figure in words
    assert verdict in words
    assert said in words
    assert HOSTILE in shown.locator("tbody tr").nth(1).inner_text()
    assert tab.page.get_by_role("link", name="MLflow").get_attribute("href") == "http://127.0.0.1:5000/#/runs/run3"
    assert HOSTILE in tab.page.locator(".wb-model-versions").inner_text()
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.faults == []


def names(table: Locator) -> list[str]:
    return table.locator("tbody td:first-child").all_inner_texts()


@pytest.mark.usefixtures("trained")
def test_labels_are_sorted_as_one_asks_and_few_rows_are_warned_of(open_tab: OpenTab) -> None:
    page = open_tab("/models").page
    table = page.locator(".wb-label-scores table")
    table.wait_for()
    assert names(table) == ["обувь", HOSTILE, "посуда"]
    head = table.get_by_role("button", name="Разница")
    head.focus()
    page.keyboard.press("Enter")
    assert names(table) == ["обувь", "посуда", HOSTILE]
    page.keyboard.press("Enter")
    assert names(table) == [HOSTILE, "посуда", "обувь"]
    assert table.locator("[aria-sort=ascending]").inner_text() == "Разница"
    few = table.get_by_role("img", name="Всего 3 строки: эта оценка мало что говорит")
    assert few.count() == 1
    assert table.get_by_role("img").count() == 1
    bars = table.locator(".wb-lead-track i")
    sides = [bars.nth(place).get_attribute("class") for place in range(3)]
    assert sides == ["is-worse", "is-better", "is-better"]


@pytest.mark.usefixtures("trained")
def test_another_version_can_be_looked_at_by_keys_alone(open_tab: OpenTab) -> None:
    page = open_tab("/models").page
    page.get_by_role("button", name="версия 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".wb-comparison >> text=Всегда самый частый ответ")
    assert page.locator(".wb-comparison h2").inner_text() == "Версия 1"


@pytest.mark.usefixtures("trained")
def test_promoting_says_what_the_gate_said_and_becomes_a_job(jobs: JobStore, open_tab: OpenTab) -> None:
    page = open_tab("/models").page
    page.get_by_role("button", name="Сделать рабочей").click()
    question = page.get_by_role("dialog", name="Сделать версию 3 рабочей вместо версии 2?")
    assert "не прошла проверку" in question.inner_text()
    assert f"«{HOSTILE}»: F1 упал бы" in question.inner_text()
    question.get_by_role("button", name="Отмена").click()
    assert jobs.list() == []
    page.get_by_role("button", name="Сделать рабочей").click()
    question.get_by_role("button", name="Сделать рабочей").click()
    page.wait_for_selector(".wb-models-job >> text=Исполнитель заданий не запущен")
    (job,) = jobs.list()
    assert (job.kind, job.options) == (JobKind.PROMOTE, {"version": "3", "instead_of": "2"})


@pytest.mark.usefixtures("trained")
def test_going_back_names_both_versions(jobs: JobStore, open_tab: OpenTab) -> None:
    page = open_tab("/models").page
    page.get_by_role("button", name="Откатить").click()
    question = page.get_by_role("dialog", name="Вернуться к версии 1? Версия 2 больше не будет отвечать.")
    question.get_by_role("button", name="Вернуться к версии 1").click()
    page.wait_for_selector(".wb-models-job")
    (job,) = jobs.list()
    assert (job.kind, job.options) == (JobKind.ROLLBACK, {"version": "1", "instead_of": "2"})


@pytest.mark.usefixtures("trained")
def test_who_may_not_change_the_champion_is_not_offered_it(open_tab: OpenTab) -> None:
    tab = open_tab("/models")
    told = json.dumps({"person": None, "role": "reviewer", "logged_in": False})
    tab.page.route("**/api/me", lambda route: route.fulfill(body=told, content_type="application/json"))
    tab.page.reload()
    tab.page.locator(".wb-comparison").wait_for()
    assert not tab.page.get_by_role("button", name="Сделать рабочей").count()
    assert not tab.page.get_by_role("button", name="Откатить").count()
    promotion = tab.page.get_by_label("Смена рабочей модели")
    assert promotion.locator("option").all_inner_texts() == ["Если пропустит проверка", "Не менять"]


@pytest.mark.usefixtures("trained")
def test_a_training_is_started_with_what_was_chosen(jobs: JobStore, open_tab: OpenTab) -> None:
    page = open_tab("/models").page
    counts = page.locator(".wb-material")
    counts.wait_for()
    assert "Размеченных текстов для обучения" in counts.inner_text()
    page.get_by_label("Рецепт", exact=True).select_option("tfidf")
    page.get_by_label("Бюджет времени").fill("soon")
    start = page.get_by_role("button", name="Обучить")
    start.click()
    page.get_by_text("--budget: время, например 90s, 5m или 1h (получено 'soon')").wait_for()
    assert jobs.list() == []
    page.get_by_label("Бюджет времени").fill("5m")
    page.get_by_text("Другие параметры").click()
    page.get_by_label("Зерно случайности").fill("7")
    page.get_by_label("Параметры рецепта").fill("strength=2\n\ndimensions=50")
    start.click()
    page.wait_for_selector(".wb-models-job >> text=Обучение")
    assert not page.get_by_text("--budget").count()
    (job,) = jobs.list()
    wishes = {"recipe": "tfidf", "budget": "5m", "seed": "7", "promote": "auto", "set": ["strength=2", "dimensions=50"]}
    assert (job.kind, job.options) == (JobKind.RETRAIN, wishes)


@pytest.mark.usefixtures("trained")
def test_a_training_that_goes_on_is_followed_to_its_end(jobs: JobStore, open_tab: OpenTab) -> None:
    job_id = jobs.add(JobKind.RETRAIN, "отзывы", {}, by="Анна")
    put_job_state(jobs, job_id, "PENDING", progress={"done": 1, "total": 4, "what": "features"})
    page = open_tab("/models").page
    page.wait_for_selector(".wb-models-job [aria-valuenow='25']")
    put_job_state(jobs, job_id, "ERROR", error=f"label {HOSTILE} has one row only")
    page.wait_for_selector(".wb-models-job [role=alert]")
    assert HOSTILE in page.locator(".wb-models-job").inner_text()
    assert page.evaluate("window.hit ?? null") is None


def test_without_labels_it_sends_to_the_desk(sqlite: Engine, open_tab: OpenTab) -> None:
    labelled(sqlite, 0)
    page = open_tab("/models").page
    page.wait_for_selector("text=Меток пока нет")
    assert not page.get_by_role("button", name="Обучить").count()
    assert page.get_by_role("link", name="Разметить записи").first.get_attribute("href").startswith("./?project=")


def test_without_a_model_it_offers_to_train_one_and_warns_of_too_few_blind_rows(
    sqlite: Engine, open_tab: OpenTab
) -> None:
    labelled(sqlite, 4)
    page = open_tab("/models").page
    page.wait_for_selector("text=Модели пока нет")
    assert "а проверке нужно 10" in page.locator(".wb-models-side").inner_text()
    assert page.get_by_role("button", name="Обучить").count() == 1


def test_a_comparison_on_few_rows_says_so(sqlite: Engine, open_tab: OpenTab) -> None:
    project = labelled(sqlite)
    with writing(sqlite) as session:
        save_version(session, project, a_version("1", rows=4))
    page = open_tab("/models").page
    page.wait_for_selector("text=Всего 4 слепые тестовые строки, проверке нужно 10")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('.wb-page').scrollWidth <= innerWidth"))


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("width", [390, 1366])
def test_it_fits_a_phone_and_a_wide_screen(open_tab: OpenTab, width: int) -> None:
    page = open_tab("/models", viewport={"width": width, "height": 800}).page
    page.locator(".wb-comparison").wait_for()
    assert fits(page)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault_in_a_comparison(open_tab: OpenTab, scheme: str) -> None:
    page = open_tab("/models", color_scheme=scheme).page
    page.locator(".wb-comparison").wait_for()
    assert serious_faults(page) == []
