"""The Jobs page in a real browser: progress without flicker, the log as it grows, stopping and taking up again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Response
from sqlalchemy import Engine

from db.engine import writing
from db.workers import say_alive
from tests.job_rows import put_job_state
from workbench.jobs.job import JobKind, JobState
from workbench.jobs.log import JobLog, jobs_folder, log_of
from workbench.jobs.store import JobStore

from .conftest import OpenTab, Site
from .readers import serious_faults
from .seeding import CATEGORIES, Seed, seed

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.hit = 1'>${1}"


@pytest.fixture(autouse=True)
def projects(sqlite: Engine) -> None:
    for name in ("отзывы", "товары"):
        seed(sqlite, Seed(name=name, texts=["обувь"], labels={"categories": CATEGORIES}))


def log(site: Site, job_id: str) -> JobLog:
    return log_of(jobs_folder(site.home / "data"), job_id)


def running(jobs: JobStore, kind: JobKind = JobKind.RETRAIN, **progress: Any) -> str:
    job_id = jobs.add(kind, "отзывы", {"recipe": "tfidf"}, by="Анна")
    put_job_state(jobs, job_id, "PENDING", progress=progress or {"done": 2, "total": 5, "what": "cross-validation"})
    return job_id


def test_what_runs_shows_its_progress_and_what_has_ended_its_outcome(
    jobs: JobStore, open_tab: OpenTab, sqlite: Engine
) -> None:
    job_id = running(jobs)
    done = jobs.add(JobKind.PROPOSE, "товары", {}, by="Борис")
    put_job_state(jobs, done, "SUCCESS", result={"records": 1107, "settled": 640, "proposed": 900, "cost": 0.0123})
    with writing(sqlite) as session:
        say_alive(session, "worker:1")
    tab = open_tab("/jobs")
    card = tab.page.locator(f"[data-job={job_id}]")
    card.wait_for()
    assert "Измеряем кросс-валидацией" in card.inner_text()
    assert "Анна" in card.inner_text()
    bar = card.get_by_role("progressbar")
    assert bar.get_attribute("aria-valuenow") == "40"
    row = tab.page.locator("tbody tr").inner_text()
    assert "определены 640 из 1 107 записей" in row.replace("\xa0", " ")
    assert "$0,0123" in row
    assert not tab.page.get_by_text("Исполнитель заданий не запущен").count()

    tab.page.evaluate("id => { window.card = document.querySelector(`[data-job=${id}]`); }", job_id)
    put_job_state(jobs, job_id, "PENDING", progress={"done": 4, "total": 5, "what": "gate"})
    tab.page.wait_for_selector(f"[data-job={job_id}] [aria-valuenow='80']")
    assert "Сравниваем с рабочей моделью" in card.inner_text()
    assert tab.page.evaluate("window.card.isConnected"), "the card is the same element"
    put_job_state(jobs, job_id, "SUCCESS", result={"version": "3", "recipe": "tfidf", "promoted": True})
    tab.page.wait_for_selector("text=версия 3 (tfidf) стала рабочей")
    assert card.count() == 0
    assert tab.faults == []


@pytest.mark.parametrize(
    ("locale", "title", "unlucky", "worker", "wrong"),
    [
        ("ru-RU", "Обучение", "не удалось", "Исполнитель заданий не запущен", f"рецепта '{HOSTILE}' нет"),
        ("en-US", "Training", "failed", "No worker is running", f"no recipe '{HOSTILE}'"),
    ],
)
def test_hostile_names_and_errors_are_shown_as_they_are_in_both_languages(
    jobs: JobStore, site: Site, open_tab: OpenTab, locale: str, title: str, unlucky: str, worker: str, wrong: str
) -> None:
    job_id = jobs.add(JobKind.RETRAIN, "отзывы", {"recipe": HOSTILE}, by=HOSTILE)
    put_job_state(jobs, job_id, "ERROR", error=f"no recipe '{HOSTILE}'; recipes: auto, tfidf")
    log(site, job_id).line(f"failed: {HOSTILE}")
    jobs.add(JobKind.IMPORT, "отзывы", {"path": "a1.csv", "name": HOSTILE}, by=HOSTILE)
    tab = open_tab("/jobs", locale=locale)
    tab.page.get_by_role("button", name=title).click()
    dialog = tab.page.locator(".wb-dialog")
    dialog.get_by_role("log").get_by_text(HOSTILE).wait_for()
    shown = dialog.inner_text()
    assert f"recipe = {HOSTILE}" in shown
    assert wrong in dialog.get_by_role("alert").inner_text()
    assert unlucky in shown
    assert worker in tab.page.locator(".wb-jobs").inner_text()
    assert "workbench worker" in tab.page.locator(".wb-jobs").inner_text()
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.faults == []


def test_the_log_is_followed_while_it_grows_unless_one_reads_further_up(
    jobs: JobStore, site: Site, open_tab: OpenTab
) -> None:
    job_id = running(jobs)
    written = log(site, job_id)
    for n in range(60):
        written.line(f"line {n}")
    page = open_tab(f"/jobs?job={job_id}").page
    view = page.get_by_role("log")
    view.get_by_text("line 59").wait_for()
    at_end = "view => view.scrollHeight - view.scrollTop - view.clientHeight < 24"
    assert view.evaluate(at_end)
    written.line("one more")
    view.get_by_text("one more").wait_for()
    assert view.evaluate(at_end)
    view.evaluate("view => { view.scrollTop = 0; }")
    written.line("the last")
    view.get_by_text("the last").wait_for()
    assert view.evaluate("view => view.scrollTop") == 0
    assert "?job=" not in page.url


def test_a_job_is_cancelled_after_a_question_and_resumed(jobs: JobStore, open_tab: OpenTab) -> None:
    job_id = running(jobs)
    page = open_tab("/jobs").page
    page.locator(f"[data-job={job_id}]").get_by_role("button", name="Отмена").click()
    question = page.get_by_role("dialog", name="Отменить задание «Обучение»?")
    question.get_by_role("button", name="Отмена", exact=True).click()
    assert jobs.get(job_id).state is JobState.RUNNING
    page.locator(f"[data-job={job_id}]").get_by_role("button", name="Отмена").click()
    question.get_by_role("button", name="Отменить задание").click()
    page.wait_for_selector("tbody >> text=отменено")
    assert jobs.get(job_id).state is JobState.CANCELLED
    page.locator("tbody button").click()
    page.get_by_role("button", name="Продолжить").click()
    page.wait_for_selector(".wb-dialog .is-waiting")
    assert jobs.get(job_id).state is JobState.WAITING


def test_jobs_of_one_project_can_be_looked_at_alone(jobs: JobStore, open_tab: OpenTab) -> None:
    mine, theirs = (jobs.add(JobKind.PROPOSE, name, {}, by="Анна") for name in ("отзывы", "товары"))
    page = open_tab("/jobs").page
    page.wait_for_selector(f"[data-job={theirs}]")
    page.get_by_role("combobox", name="Проект").last.select_option("отзывы")
    page.wait_for_selector(f"[data-job={theirs}]", state="detached")
    assert page.locator(f"[data-job={mine}]").count() == 1
    page.reload()
    page.wait_for_selector(f"[data-job={mine}]")
    assert page.locator(f"[data-job={theirs}]").count() == 0


def test_a_page_that_nobody_looks_at_asks_nothing(jobs: JobStore, open_tab: OpenTab) -> None:
    running(jobs)
    tab = open_tab("/jobs")
    tab.page.wait_for_selector("[data-job]")
    # From the next answer on, time passes when the test says so.
    tab.page.clock.install()
    with tab.page.expect_response(asks_for_jobs):
        pass
    hide(tab.page, hidden=True)
    asked = len(tab.requests)
    tab.page.clock.run_for(20_000)
    assert len(tab.requests) == asked
    with tab.page.expect_response(asks_for_jobs):
        hide(tab.page, hidden=False)


def asks_for_jobs(response: Response) -> bool:
    return response.url.endswith("/api/jobs")


def hide(page: Page, *, hidden: bool) -> None:
    """What a browser does when another tab comes to the front."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_without_jobs_it_says_what_they_are_for(jobs: JobStore, open_tab: OpenTab) -> None:
    page = open_tab("/jobs").page
    page.wait_for_selector("text=Заданий пока нет")
    assert page.get_by_text("workbench worker").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault_in_jobs_of_every_state(
    jobs: JobStore, site: Site, open_tab: OpenTab, scheme: str
) -> None:
    running(jobs)
    jobs.add(JobKind.PROPOSE, "отзывы", {}, by="Анна")
    for status in ("SUCCESS", "ERROR", "CANCELLED"):
        job_id = jobs.add(JobKind.RESCORE, "отзывы", {})
        put_job_state(jobs, job_id, status, result={"size": 5}, error="нет" if status == "ERROR" else None)
        log(site, job_id).line("begun")
    page = open_tab("/jobs", color_scheme=scheme).page
    page.wait_for_selector("[data-job]")
    assert serious_faults(page) == []
    page.locator("tbody button").first.click()
    page.get_by_role("log").get_by_text("begun").wait_for()
    assert serious_faults(page) == []


def test_a_page_that_nobody_touches_says_so_when_it_looks_again(open_tab: OpenTab) -> None:
    tab = open_tab("/jobs")
    tab.page.clock.install()
    tab.page.reload()
    tab.page.get_by_role("heading", name="Задания").wait_for()

    def asked_alone() -> bool:
        with tab.page.expect_request("**/api/jobs") as asked:
            tab.page.clock.run_for(6_000)
        return "x-unattended" in asked.value.headers

    assert not asked_alone()
    tab.page.clock.fast_forward("06:00")
    assert asked_alone()
    tab.page.mouse.move(200, 200)
    assert not asked_alone()
