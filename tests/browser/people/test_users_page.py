"""The page of people in a real browser: names are text, secrets are shown once, the last admin stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import Engine

from db.engine import reading, writing
from db.types import Role
from db.users import find_user, set_active

from ..conftest import Site, Tab
from .conftest import entered, log_in, start_site

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hit=1">${7*7}'


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("locale", "add", "reset", "shut_out", "let_in"),
    [
        ("ru-RU", "Добавить человека", "Новый пароль", "Закрыть доступ", "Открыть доступ"),
        ("en-US", "Add a person", "New password", "Shut out", "Let in"),
    ],
)
def test_an_admin_adds_changes_and_shuts_out_people(
    sqlite: Engine, site: Site, chromium: Browser, locale: str, add: str, reset: str, shut_out: str, let_in: str
) -> None:
    context = chromium.new_context(locale=locale, viewport={"width": 1366, "height": 650})
    tab = entered(context, site, "root", "/users")
    tab.page.on("console", lambda line: tab.faults.append(line.text) if line.type == "error" else None)
    page, dialog = tab.page, tab.page.locator("dialog")
    page.get_by_role("button", name=add).click()
    dialog.locator("input").first.fill(HOSTILE)
    page.keyboard.press("Enter")
    password = dialog.locator(".wb-secret").input_value()
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text=HOSTILE)
    expect(row).to_have_count(1)
    assert page.evaluate("window.hit ?? null") is None
    with reading(sqlite) as session:
        made = find_user(session, HOSTILE)
    assert made is not None
    assert made.role is Role.ANNOTATOR

    newcomer = chromium.new_context(locale=locale)
    fresh = Tab(newcomer.new_page(), [], [])
    fresh.page.goto(site.address + "/overview")
    log_in(fresh.page, HOSTILE, password)
    expect(fresh.page.locator(".wb-who")).to_have_text(HOSTILE)
    assert fresh.page.evaluate("window.hit ?? null") is None

    row.locator("select").select_option("reviewer")
    expect(page.locator(".wb-toast")).to_contain_text(HOSTILE)
    row.get_by_role("button", name=reset).click()
    dialog.get_by_role("button", name=reset).click()
    assert dialog.locator(".wb-secret").input_value() != password
    page.keyboard.press("Escape")
    row.get_by_role("button", name=shut_out).click()
    dialog.get_by_role("button", name=shut_out).click()
    expect(row.get_by_role("button", name=let_in)).to_be_visible()
    with reading(sqlite) as session:
        made = find_user(session, HOSTILE)
    assert made is not None
    assert (made.role, made.active) == (Role.REVIEWER, False)
    assert newcomer.request.get(site.address + "/api/me").status == 401

    page.goto(site.address + "/audit")
    expect(page.get_by_role("row").filter(has_text=HOSTILE)).to_have_count(4)
    assert page.evaluate("window.hit ?? null") is None
    assert tab.faults == []
    newcomer.close()
    context.close()


@pytest.mark.usefixtures("people")
def test_the_last_admin_is_told_why_they_have_to_stay(site: Site, context: BrowserContext) -> None:
    tab = entered(context, site, "root", "/users")
    row = tab.page.get_by_role("row").filter(has_text="root")
    row.get_by_role("button", name="Закрыть доступ").click()
    tab.page.locator("dialog").get_by_role("button", name="Закрыть доступ").click()
    expect(tab.page.locator(".wb-error")).to_contain_text("последний администратор с доступом")


@pytest.mark.usefixtures("people")
def test_a_tokens_secret_is_shown_once_and_the_token_can_be_revoked(site: Site, context: BrowserContext) -> None:
    tab = entered(context, site, "root", "/users")
    page, dialog = tab.page, tab.page.locator("dialog")
    page.get_by_role("button", name="Выпустить токен").click()
    dialog.locator("input").first.fill(HOSTILE)
    dialog.get_by_label("Присылать отзывы").check()
    dialog.get_by_role("button", name="Выпустить токен").click()
    secret = dialog.locator(".wb-secret").input_value()
    assert secret.startswith("wb_")
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text=HOSTILE)
    expect(row).to_contain_text("предсказания")
    expect(row).to_contain_text("отзывы")
    page.reload()
    expect(row).to_have_count(1)
    assert secret not in page.content()
    row.get_by_role("button", name="Отозвать").click()
    dialog.get_by_role("button", name="Отозвать").click()
    expect(row).to_contain_text("отозван")
    assert page.evaluate("window.hit ?? null") is None


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_people_can_be_read_by_everybody(
    sqlite: Engine, site: Site, chromium: Browser, scheme: str
) -> None:
    with writing(sqlite) as session:
        boris = find_user(session, "Boris")
        assert boris is not None
        set_active(session, boris, False)
    context = chromium.new_context(locale="ru-RU", color_scheme=scheme, viewport={"width": 390, "height": 844})
    tab = entered(context, site, "root", "/users")
    tab.page.wait_for_selector(".wb-page-body:not([aria-busy]) table")
    found = Axe().run(tab.page, context=".wb-app").response["violations"]
    assert [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ] == []
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_the_first_admin_is_made_on_the_page_and_login_begins(tmp_path: Path, chromium: Browser) -> None:
    site = start_site(tmp_path)
    context = chromium.new_context(locale="ru-RU")
    try:
        page = context.new_page()
        page.goto(site.address + "/users")
        page.get_by_role("button", name="Добавить первого администратора").click()
        dialog = page.locator("dialog")
        assert dialog.locator("select option").all_text_contents() == ["администратор"]
        dialog.locator("input").first.fill("Первая")
        page.keyboard.press("Enter")
        password = dialog.locator(".wb-secret").input_value()
        page.keyboard.press("Escape")
        page.wait_for_url("**/login")
        log_in(page, "первая", password)
        expect(page.locator(".wb-who")).to_have_text("Первая")
    finally:
        context.close()
        site.kill()
