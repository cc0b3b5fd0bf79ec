"""What holds for every page: hostile texts stay texts, nothing comes from elsewhere, both languages, keys, readers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.projects import create_project
from db.types import Kind
from workbench.ui.pages import PAGES, Page

from .conftest import OpenTab, Site, Tab
from .hostile import ATTACHED, seed_hostile
from .readers import serious_faults
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
both_languages = pytest.mark.parametrize("locale", ["ru-RU", "en-US"])

SIDEWAYS = """() => Array.from(document.querySelectorAll(".wb-app *")).filter((one) =>
  one.checkVisibility() && !one.closest(".wb-table-frame, .wb-rail, .wb-facts, .wb-unseen, .wb-skip, pre")
  && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120))"""
FOREIGN = """() => Array.from(document.querySelectorAll("a, button, input, nav, h1"))
  .filter((one) => !one.closest(".wb-app") && one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120))"""
# Words of the page itself: not data, code or keys.
OWN_WORDS = """() => {
  const skipped = "code, kbd, pre, option, .wb-project, [lang], time, [data-given]";
  const walker = document.createTreeWalker(document.querySelector(".wb-app"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const place = walker.currentNode.parentElement;
    if (place.checkVisibility() && !place.closest(skipped)) found.push(walker.currentNode.textContent.trim());
  }
  for (const one of document.querySelectorAll(".wb-app [title], .wb-app [aria-label], .wb-app [placeholder]")) {
    if (one.closest(skipped)) continue;
    found.push(...["title", "aria-label", "placeholder"].map((name) => one.getAttribute(name)?.trim()));
  }
  return found.filter(Boolean);
}"""


def settled(tab: Tab) -> None:
    tab.page.wait_for_selector(".wb-page-body:not([aria-busy]), .wb-curate .wb-text")
    tab.page.wait_for_load_state("networkidle")


@every_page
def test_keys_and_readers_find_only_what_is_ours(sqlite: Engine, open_tab: OpenTab, page: Page) -> None:
    seed(sqlite, Seed(texts=["12345"]))
    tab = open_tab(page.path)
    settled(tab)
    assert tab.page.evaluate(FOREIGN) == []
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "wb-skip"


@every_page
@both_languages
def test_hostile_texts_stay_texts_and_nothing_is_asked_of_another_host(
    site: Site, sqlite: Engine, open_tab: OpenTab, page: Page, locale: str
) -> None:
    seed_hostile(sqlite)
    tab = open_tab(page.path, locale=locale)
    settled(tab)
    for opener in tab.page.locator(".wb-page-body tbody .wb-link").all()[:2]:
        opener.click()
        tab.page.wait_for_load_state("networkidle")
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.page.evaluate(ATTACHED) == 0
    assert tab.faults == []
    assert not tab.page.locator(".wb-error, .wb-page-body > .wb-notice.is-bad").count()
    assert [url for url in tab.requests if not url.startswith((site.address, "data:", "blob:"))] == []


@every_page
def test_screen_readers_find_no_serious_fault_in_light_and_dark(sqlite: Engine, open_tab: OpenTab, page: Page) -> None:
    seed_plain(sqlite)
    tab = open_tab(page.path, color_scheme="light")
    settled(tab)
    assert serious_faults(tab.page) == []
    tab.page.emulate_media(color_scheme="dark")
    tab.page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert serious_faults(tab.page) == []


@every_page
def test_nothing_sticks_out_sideways_on_phone_laptop_and_wide_screen(
    sqlite: Engine, open_tab: OpenTab, page: Page
) -> None:
    seed_plain(sqlite)
    tab = open_tab(page.path)
    settled(tab)
    for width, height in ((1366, 650), (1920, 1080), (390, 844)):
        tab.page.set_viewport_size({"width": width, "height": height})
        assert tab.page.evaluate(SIDEWAYS) == [], width


@every_page
def test_in_russian_no_word_of_the_page_is_english(sqlite: Engine, open_tab: OpenTab, page: Page) -> None:
    seed_plain(sqlite)
    tab = open_tab(page.path)
    settled(tab)
    english = [text for text in tab.page.evaluate(OWN_WORDS) if _is_english(text)]
    assert english == []


@every_page
def test_the_language_changes_without_a_reload(sqlite: Engine, open_tab: OpenTab, page: Page) -> None:
    seed_plain(sqlite)
    tab = open_tab(page.path)
    settled(tab)
    tab.page.evaluate("window.stayed = true")
    tab.page.get_by_role("button", name="EN", exact=True).click()
    settled(tab)
    tab.page.wait_for_function("document.documentElement.lang === 'en'")
    assert tab.page.evaluate("window.stayed")
    assert tab.page.evaluate("document.title").endswith("Feedback workbench")
    assert tab.faults == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "curate"], ids=lambda page: page.name)
def test_an_installation_without_projects_says_what_to_do_next(open_tab: OpenTab, page: Page) -> None:
    tab = open_tab(page.path)
    tab.page.wait_for_selector(".wb-empty, .wb-page-body:not([aria-busy])")
    assert tab.page.locator("#wb-content").inner_text().strip()
    assert tab.faults == []


def seed_plain(engine: Engine) -> None:
    """Russian texts and labels, so that what is English on a page is the page's own."""
    texts = [f"Отзыв номер {i}: пришло вовремя" for i in range(12)]
    proposed = {i: llm(CATEGORIES[i % 3], rationale="Потому что.") for i in range(8)}
    seed(engine, Seed(texts=texts, proposed=proposed, name="отзывы"))


# Names of things that have no other name in Russian, and of what a setting or a model is called.
_KNOWN = frozenset({"EN", "RU", "LLM", "MLflow", "API", "JSON", "CSV", "JSONL", "Parquet", "XLSX", "SQLite"})


def _is_english(text: str) -> bool:
    """Two or more words of Latin letters in a row, none of them a known name."""
    words = [word.strip(".,:;()«»\"'?!") for word in text.split()]
    latin = [word.isascii() and word.isalpha() and len(word) > 1 and word not in _KNOWN for word in words]
    return any(one and other for one, other in pairwise(latin))


@every_page
def test_a_project_that_is_still_empty_fits_a_phone(sqlite: Engine, open_tab: OpenTab, page: Page) -> None:
    with writing(sqlite) as session:
        create_project(session, "пусто", Kind.BOTH)
    tab = open_tab(page.path, locale="ru-RU", viewport={"width": 390, "height": 844})
    tab.page.wait_for_selector(".wb-page-body:not([aria-busy]), .wb-empty")
    tab.page.wait_for_load_state("networkidle")
    assert tab.page.evaluate(SIDEWAYS) == []
