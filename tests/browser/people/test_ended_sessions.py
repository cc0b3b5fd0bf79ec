"""A session that ends in the middle of work: nothing is lost, nothing is sent in another's name."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from db.annotation_log import all_annotations
from db.engine import reading
from db.types import Project

from ..conftest import Site, Tab
from ..seeding import CATEGORIES, Seed, seed
from .conftest import end_sessions, entered, log_in

pytestmark = pytest.mark.browser

TEXTS = [f"Отзыв {place}: платье село после стирки." for place in range(120)]


def answer(tab: Tab, *keys: str) -> None:
    """Press keys before the server can say that the session has ended."""
    tab.page.context.set_offline(True)
    tab.press(*keys)
    tab.page.context.set_offline(False)


def answers(engine: Engine, project: Project) -> list[tuple[str, str | None]]:
    with reading(engine) as session:
        found = [one for rows in all_annotations(session, project).values() for one in rows]
    return [(one.person, one.answer.category) for one in sorted(found, key=lambda one: one.id or 0)]


def unsent(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('wb:outbox')).length"))


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
    answer(tab, "Digit2", "Digit3")
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
    answer(tab, "Digit1", "Digit2")
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
    answer(left, "Digit1", "Digit2")
    left.page.wait_for_function("document.querySelector('.wb-who')?.textContent === 'Boris'")
    left.wait_record()
    left.wait_saved()
    assert answers(sqlite, project) == []
    assert unsent(left.page) == 1
    expect(other.page.locator(".wb-who")).to_have_text("Boris")
