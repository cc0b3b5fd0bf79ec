"""Logging in and out in a real browser: by keyboard, in both languages, with and without scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import Engine

from ..conftest import Site
from .conftest import PASSWORD, end_sessions, entered, log_in

pytestmark = pytest.mark.browser
both_languages = pytest.mark.parametrize(
    ("locale", "send", "wrong"),
    [("ru-RU", "Войти", "Неверное имя или пароль."), ("en-US", "Log in", "The name or the password is wrong.")],
)


@pytest.mark.usefixtures("people")
@both_languages
def test_a_person_logs_in_by_keyboard_and_lands_where_they_wanted(
    chromium: Browser, site: Site, locale: str, send: str, wrong: str
) -> None:
    context = chromium.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{site.address}/overview?project=x")
    assert urlsplit(page.url).path == "/login"
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("анна")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong horse")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=send)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(wrong)
    expect(page.locator("#name")).to_have_value("анна")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/overview?project=x")
    expect(page.locator(".wb-who")).to_have_text("Анна")
    assert context.cookies()[0]["httpOnly"]
    assert page.evaluate("document.cookie") == ""
    context.close()


@pytest.mark.usefixtures("people")
def test_the_login_follows_language_and_theme_without_a_reload(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.address + "/login")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_role("heading")).to_have_text("Log in")
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    before = page.evaluate("document.documentElement.dataset.theme")
    page.get_by_role("button", name="Light or dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") != before
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("Log in")
    log_in(page, "nobody", "wrong horse")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    assert [url for url in asked if not url.startswith((site.address, "data:"))] == []


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault_in_the_login(chromium: Browser, site: Site, scheme: str) -> None:
    context = chromium.new_context(locale="ru-RU", color_scheme=scheme, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site.address + "/login")
    page.wait_for_selector(".wb-switch")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.usefixtures("people")
def test_the_login_works_without_scripts_and_leads_nowhere_else(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(site.address + "/login?next=//evil.test/x")
    log_in(page, "root")
    page.wait_for_url(site.address + "/")
    context.close()


@pytest.mark.usefixtures("people")
def test_who_logs_out_is_out(context: BrowserContext, site: Site) -> None:
    tab = entered(context, site, "root", "/overview")
    tab.page.locator(".wb-who").click()
    expect(tab.page.locator("dialog")).to_contain_text("root · администратор")
    tab.page.get_by_role("button", name="Выйти").click()
    tab.page.wait_for_url("**/login")
    assert context.request.get(site.address + "/api/me").status == 401
    tab.page.goto(site.address + "/overview")
    assert urlsplit(tab.page.url).path == "/login"


@pytest.mark.usefixtures("people")
def test_a_page_above_ones_role_is_not_shown(context: BrowserContext, site: Site) -> None:
    tab = entered(context, site, "Анна", "/overview")
    assert tab.page.locator(".wb-rail a[href*=users]").count() == 0
    answer = tab.page.goto(site.address + "/users")
    assert answer is not None
    assert answer.status == 403
    expect(tab.page.get_by_role("heading")).to_have_text("Эта страница не для вас")
    expect(tab.page.locator("main")).to_contain_text("«администратор»")
    tab.page.get_by_role("button", name="EN", exact=True).click()
    expect(tab.page.locator("main")).to_contain_text("“admin”")


@pytest.mark.usefixtures("people")
def test_people_change_their_own_password(sqlite: Engine, site: Site, context: BrowserContext) -> None:
    tab = entered(context, site, "Boris", "/overview")
    tab.page.locator(".wb-who").click()
    tab.page.get_by_role("button", name="Изменить пароль").click()
    tab.page.get_by_label("Пароль сейчас").fill("wrong horse")
    tab.page.get_by_label("Новый пароль").fill("another horse")
    tab.page.get_by_role("button", name="Сохранить").click()
    expect(tab.page.locator("dialog .wb-error")).to_be_visible()
    tab.page.get_by_label("Пароль сейчас").fill(PASSWORD)
    tab.page.get_by_role("button", name="Сохранить").click()
    expect(tab.page.locator(".wb-toast")).to_have_text("Пароль изменён.")
    assert context.request.get(site.address + "/api/me").ok
    end_sessions(sqlite)
    tab.page.goto(site.address + "/overview")
    log_in(tab.page, "Boris", "another horse")
    tab.page.wait_for_selector(".wb-header")
