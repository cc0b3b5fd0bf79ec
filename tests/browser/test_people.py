"""Logging in and out, work that outlives a session, and the page of people, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, delete

from db.annotation_log import all_annotations
from db.engine import reading, writing
from db.tables import SessionRow
from db.types import Project, Role
from db.users import create_user, find_user, set_active

from .conftest import Site, Tab, free_port
from .seeding import CATEGORIES, Seed, seed

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOSTILE = '<img src=x onerror="window.hit=1">${7*7}'
TEXTS = [f"Отзыв {place}: платье село после стирки." for place in range(120)]
both_languages = pytest.mark.parametrize(
    ("locale", "send", "wrong"),
    [("ru-RU", "Войти", "Неверное имя или пароль."), ("en-US", "Log in", "The name or the password is wrong.")],
)


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A process of its own: one that has seen a user asks for logins ever after."""
    site = _site(tmp_path_factory.mktemp("people"))
    yield site
    site.kill()


def _site(home: Path) -> Site:
    site = Site(url=f"sqlite:///{home / 'workbench.db'}", home=home, port=free_port())
    site.start()
    return site


@pytest.fixture
def people(sqlite: Engine) -> None:
    hashed = QUICK.hash(PASSWORD)
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, hashed)
        create_user(session, "Анна", Role.ANNOTATOR, hashed)
        create_user(session, "Boris", Role.ANNOTATOR, hashed)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="ru-RU", viewport={"width": 1366, "height": 650})
    yield context
    # A closing page sends what it still has, which must not reach the next test's database.
    context.set_offline(True)
    context.close()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")


def entered(context: BrowserContext, site: Site, name: str, path: str = "/") -> Tab:
    """A tab in which somebody has logged in, on the way to `path`."""
    tab = Tab(context.new_page(), [], [])
    tab.page.goto(site.address + path)
    log_in(tab.page, name)
    tab.page.wait_for_selector(".wb-header")
    return tab


def end_sessions(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(delete(SessionRow))


def answers(engine: Engine, project: Project) -> list[tuple[str, str | None]]:
    with reading(engine) as session:
        found = [one for rows in all_annotations(session, project).values() for one in rows]
    return [(one.person, one.answer.category) for one in sorted(found, key=lambda one: one.id or 0)]


def unsent(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('wb:outbox')).length"))


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
def test_what_was_answered_when_the_session_ended_is_saved_once_after_the_next_login(
    sqlite: Engine, site: Site, context: BrowserContext
) -> None:
    project, _ = seed(sqlite, Seed(texts=TEXTS))
    tab = entered(context, site, "Анна")
    tab.wait_record()
    tab.press("Digit1")
    tab.wait_saved()
    end_sessions(sqlite)
    tab.press("Digit2", "Digit3")
    tab.page.wait_for_url("**/login?next=*")
    assert unsent(tab.page) == 1
    assert answers(sqlite, project) == [("Анна", CATEGORIES[0])]

    log_in(tab.page, "анна")
    tab.wait_record()
    tab.wait_saved()
    assert answers(sqlite, project) == [("Анна", category) for category in CATEGORIES[:3]]
    assert unsent(tab.page) == 0


@pytest.mark.usefixtures("people")
def test_what_one_person_left_unsent_is_never_sent_in_the_name_of_the_next(
    sqlite: Engine, site: Site, context: BrowserContext
) -> None:
    project, _ = seed(sqlite, Seed(texts=TEXTS))
    tab = entered(context, site, "Анна")
    tab.wait_record()
    end_sessions(sqlite)
    tab.press("Digit1", "Digit2")
    tab.page.wait_for_url("**/login?next=*")

    log_in(tab.page, "Boris")
    tab.wait_record()
    tab.press("KeyU")
    expect(tab.page.locator(".wb-hint")).not_to_be_empty()
    tab.press("Digit5")
    tab.wait_saved()
    assert answers(sqlite, project) == [("Boris", CATEGORIES[4])]
    assert unsent(tab.page) == 1

    end_sessions(sqlite)
    tab.page.goto(site.address)
    log_in(tab.page, "Анна")
    tab.wait_record()
    tab.wait_saved()
    assert sorted(answers(sqlite, project)) == sorted(
        [("Boris", CATEGORIES[4]), ("Анна", CATEGORIES[0]), ("Анна", CATEGORIES[1])]
    )


@pytest.mark.usefixtures("people")
def test_a_tab_that_one_person_left_open_works_for_nobody_else(
    sqlite: Engine, site: Site, context: BrowserContext
) -> None:
    project, _ = seed(sqlite, Seed(texts=TEXTS))
    left = entered(context, site, "Анна")
    left.wait_record()
    end_sessions(sqlite)
    other = entered(context, site, "Boris", "/overview")
    left.page.bring_to_front()
    left.press("Digit1", "Digit2")
    left.page.wait_for_function("document.querySelector('.wb-who')?.textContent === 'Boris'")
    left.wait_record()
    left.wait_saved()
    assert answers(sqlite, project) == []
    assert unsent(left.page) == 1
    expect(other.page.locator(".wb-who")).to_have_text("Boris")


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
    expect(tab.page.locator(".wb-error")).to_contain_text("last active admin")


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
    site = _site(tmp_path)
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
