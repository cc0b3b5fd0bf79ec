"""Where things stand: all in view on a small laptop, within a phone's width, and in the same place for every record."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.types import Kind

from .conftest import OpenTab
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser

LONG = "Очень длинный отзыв о платье и о доставке. " * 200
FIXED = [".wb-text", ".wb-proposal", ".wb-labels", ".wb-label:nth-child(5)", ".wb-action:nth-child(2)", ".wb-comment"]
PLACES = """(names) => names.map((name) => document.querySelector(name).getBoundingClientRect())
  .map(({ left, top, right, bottom }) => [left, top, right, bottom])"""
OUTSIDE = """() => Array.from(document.querySelectorAll(".wb-header *, .wb-card, .wb-action, .wb-figure"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && one.offsetParent)
  .map((one) => one.className || one.tagName)"""


def test_nothing_moves_between_records_and_nothing_but_the_text_scrolls(sqlite: Engine, open_tab: OpenTab) -> None:
    texts = ["Коротко", LONG, "Строка\n" * 60, "Без подсказки", "С обоснованием"]
    proposed = {0: llm("обувь"), 1: llm("обувь", rationale=LONG, others=dict.fromkeys(CATEGORIES[2:], 0.02))}
    proposed |= {2: llm("обувь", others={"одежда": 0.3}), 4: llm("текстиль", rationale="Почему-то.")}
    seed(sqlite, Seed(texts=texts, proposed=proposed, attributes={"бренд": "Ромашка"}))
    tab = open_tab()
    places = []
    for _ in texts:
        tab.wait_record()
        places.append(tab.page.evaluate(PLACES, FIXED))
        assert tab.page.evaluate("(e => e.scrollHeight <= e.clientHeight)(document.querySelector('.wb-labels'))")
        assert tab.page.evaluate("(e => e.scrollHeight <= e.clientHeight)(document.querySelector('.wb-proposal'))")
        assert tab.page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        tab.press("Digit1")
    assert all(place == places[0] for place in places)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("width", "height"), [(360, 740), (390, 844), (800, 600), (1366, 650), (1920, 1080)])
def test_everything_is_within_the_screen(
    sqlite: Engine, open_tab: OpenTab, kind: Kind, width: int, height: int
) -> None:
    tags = ("Мягкий", "Советую") if kind.asks_tags else None
    proposed = {i: llm("обувь" if kind.asks_category else None, tags, rationale="Потому что.") for i in range(3)}
    attributes = {"бренд": "Ромашка", "оценка": "5", "цена": "2 490 ₽"}
    what = Seed(
        kind=kind, texts=["Отзыв 1", "Отзыв 2", LONG], proposed=proposed, category="обувь", attributes=attributes
    )
    seed(sqlite, what)
    tab = open_tab(viewport={"width": width, "height": height})
    tab.wait_record()
    assert tab.page.evaluate(OUTSIDE) == []
    tab.press("Digit2")
    assert tab.page.evaluate(OUTSIDE) == []


def test_mouse_and_touch_do_what_keys_do(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=[f"Отзыв {i}" for i in range(5)], proposed={i: llm("обувь") for i in range(5)}))
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True)
    for target in ("[data-action=accept]", ".wb-label >> nth=3", "[data-action=skip]"):
        before = tab.wait_record()
        tab.page.locator(target).tap()
        assert tab.record != before
    tab.page.locator("[data-action=undo]").tap()
    assert tab.record == before
    tab.page.keyboard.press("Space")
    assert tab.record != before, "the tapped button has not kept the focus"
