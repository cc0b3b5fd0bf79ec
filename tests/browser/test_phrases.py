"""What the server says in English reads in Russian on the Russian pages: every template, and real faults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from workbench.ui.app import STATIC
from workbench.ui.language import PHRASE_BOOK

from .conftest import OpenTab, Tab
from .seeding import Seed, seed

pytestmark = pytest.mark.browser

BOOK = json.loads((STATIC / "texts" / "ru" / PHRASE_BOOK).read_text(encoding="utf-8"))
IN_WORDS = """async (lines) => {
  const { inWords } = await import(new URL("ui/shell/phrases.js", document.baseURI));
  return lines.map(inWords);
}"""
SECONDS = """async (line) => {
  const { inWords } = await import(new URL("ui/shell/phrases.js", document.baseURI));
  const start = performance.now();
  if (inWords(line) !== line) return "changed";
  return (performance.now() - start) / 1000;
}"""
VALUES: dict[str, Callable[[str], str]] = {
    "words": lambda place: f"v{place}",
    "nothing": lambda place: "",
    "braces": lambda place: f"{{0}} {{{place}}} {{1!}} ${{{place}}} $& $1",
    "markup": lambda place: f"<img src=x onerror=\"window.hit='{place}'\">&amp</p>",
    "quoted": lambda place: f"'{place} of \"{{1}}\": (got it) is'",
    "quoted otherwise": lambda place: f'"it\'s {place}; listed are: a, b"',
}


def read(tab: Tab, *lines: str) -> list[str]:
    return list(tab.page.evaluate(IN_WORDS, list(lines)))


def filled(template: str, value: Callable[[str], str]) -> str:
    return re.sub(r"\{(\d+)!?\}", lambda place: value(place[1]), template)


@pytest.fixture
def tab(sqlite: Engine, open_tab: OpenTab) -> Tab:
    seed(sqlite, Seed(texts=["Отзыв"]))
    return open_tab("/settings")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_every_template_reads_in_russian_whatever_is_filled_in(tab: Tab, value: Callable[[str], str]) -> None:
    shown = read(tab, *(filled(english, value) for english in BOOK))
    wanted = [filled(russian, value) for russian in BOOK.values()]
    assert [pair for pair in zip(shown, wanted, strict=True) if pair[0] != pair[1]] == []
    assert tab.page.evaluate("window.hit ?? null") is None


def test_words_of_ours_are_translated_where_they_stand_and_nowhere_else(tab: Tab) -> None:
    lines = {
        "a.csv: none of 2 rows can be taken; line 1: empty text (all of them: a.csv.rejected.csv)": (
            "a.csv: не принята ни одна строка из 2; строка 1: пустой текст (все они: a.csv.rejected.csv)"
        ),
        "my.yaml: label set: tags of 'a: b' must be a list": (
            "my.yaml: набор меток: теги категории 'a: b' должны быть списком"
        ),
        "values.name: String should have at most 255 characters": "values.name: можно не больше 255 знаков",
        "a.csv: no column 'text'; the file has: tags": "a.csv: столбца 'text' нет; в файле есть: tags",
        "this needs the role admin; admin is reviewer": "нужна роль «администратор», а у admin — «проверяющий»",
        "unknown tag 'cup of tea'; listed are: done": "неизвестный тег 'cup of tea'; в наборе есть: done",
        "'tis.csv: it is text, not CSV": "'tis.csv: это текст, а не CSV",
        "сравнения не было: /m/manifest.json: not JSON": "сравнения не было: /m/manifest.json: не JSON",
    }
    assert read(tab, *lines) == list(lines.values())


def test_what_no_template_matches_stays_as_it_is_and_costs_no_time(tab: Tab) -> None:
    unknown = ["", ": ", "{0}: {1}", "something new", "toString", "настройка overlap: целое число", "done?"]
    assert read(tab, *unknown) == unknown
    for piece in ("x", ": ", "'", "unknown tag ", "label set: tags of ", "a: none of 1 rows can be taken; "):
        assert tab.page.evaluate(SECONDS, piece * (100_000 // len(piece))) < 2


def test_a_setting_that_cannot_be_is_told_in_russian(tab: Tab) -> None:
    tab.page.get_by_label("Длина очереди").fill("0.5")
    tab.page.get_by_role("button", name="Сохранить").first.click()
    refusal = tab.page.get_by_role("alert")
    expect(refusal).to_have_text("настройка queue_size: целое число от 1 до 1000000 (получено '0.5')")
    assert tab.page.locator(".wb-field", has=tab.page.get_by_label("Длина очереди")).get_by_role("alert").count() == 1


def test_a_fault_that_is_on_the_page_follows_its_language(sqlite: Engine, open_tab: OpenTab) -> None:
    tab = open_tab("/data")
    tab.page.locator("#wb-file").set_input_files({"name": "a.exe", "mimeType": "text/csv", "buffer": b"MZ"})
    refusal = tab.page.get_by_role("alert")
    expect(refusal).to_contain_text("a.exe: по названию не понять формат")
    tab.page.get_by_role("button", name="EN", exact=True).click()
    expect(refusal).to_contain_text("a.exe: cannot tell the format from the name")
    tab.page.get_by_role("button", name="RU", exact=True).click()
    expect(refusal).to_contain_text("a.exe: по названию не понять формат")


def test_a_page_that_is_not_there_says_so_in_the_language_of_the_browser(open_tab: OpenTab) -> None:
    for locale, said in (("ru-RU", "здесь ничего нет"), ("en-US", "there is nothing here")):
        expect(open_tab("/no-such-page", locale=locale).page.get_by_text(said)).to_be_visible()
