"""The settings and what is noted of their changes, in a real browser."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.engine import reading
from db.project_settings import get_settings
from db.types import Stage

from .conftest import OpenTab
from .seeding import Seed, seed

pytestmark = pytest.mark.browser


def test_a_setting_is_changed_saved_and_noted(sqlite: Engine, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(texts=["Отзыв"]))
    tab = open_tab("/settings")
    save = tab.page.get_by_role("button", name="Сохранить").first
    assert save.is_disabled()
    tab.page.get_by_label("Длина очереди").fill("50")
    save.click()
    tab.page.wait_for_selector(".wb-toast")
    with reading(sqlite) as session:
        assert get_settings(session, project).queue_size == 50

    tab.page.goto(tab.page.url.replace("/settings", "/audit"))
    tab.page.wait_for_selector("tbody tr")
    first = tab.page.locator("tbody tr").first.inner_text()
    assert "Изменена настройка" in first
    assert "queue_size" in first
    assert tab.page.locator("tbody tr").first.locator("del").inner_text() == "500"
    assert tab.page.locator("tbody tr").first.locator("ins").inner_text() == "50"
    assert tab.faults == []


def test_what_changes_the_meaning_of_answers_is_asked_about_first(sqlite: Engine, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(texts=["Отзыв"], settings={"blind_share": "0.1"}))
    page = open_tab("/settings", locale="en-US").page
    page.get_by_label("Share of the blind stream").fill("0.3")
    save = page.get_by_role("button", name="Save").first
    save.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    with reading(sqlite) as session:
        assert get_settings(session, project).blind_share == 0.1
    save.click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.wait_for_selector(".wb-toast")
    with reading(sqlite) as session:
        assert get_settings(session, project).blind_share == 0.3


def test_stages_are_put_in_another_order_by_keys(sqlite: Engine, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(texts=["Отзыв"]))
    page = open_tab("/settings").page
    stages = page.locator(".wb-order")
    stages.locator("[data-stage=llm]").get_by_role("button", name="Раньше").press("Enter")
    stages.locator("[data-stage=keywords]").get_by_role("button", name="Не использовать").press("Enter")
    panel = page.locator(".wb-panel", has=stages)
    panel.get_by_role("button", name="Сохранить").click()
    page.wait_for_selector(".wb-toast")
    with reading(sqlite) as session:
        expected = (Stage.MODEL, Stage.SIMILARITY, Stage.LLM, Stage.ZERO_SHOT)
        assert get_settings(session, project).stages == expected


def test_the_servers_refusal_stands_in_the_form(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=["Отзыв"]))
    page = open_tab("/settings").page
    page.get_by_label("Людей на запись").fill("99")
    page.get_by_role("button", name="Сохранить").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Сохранить").click()
    refusal = page.get_by_role("alert")
    refusal.wait_for()
    assert "overlap" in refusal.inner_text()
    field = page.get_by_label("Людей на запись")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(".wb-field", has=field).get_by_role("alert").count() == 1
