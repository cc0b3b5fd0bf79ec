"""What the curation page shows and what it must not: hostile text, blind records, two languages, empty projects."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

from db.annotation_log import annotations_for
from db.engine import reading, writing
from db.gold import gold_of
from db.projects import create_project
from db.types import Answer, Kind
from workbench.ui.language import Language, texts

from .conftest import OpenTab, Site
from .seeding import CATEGORIES, TAGS, Seed, llm, seed, texts_of_stream

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent

HOSTILE = [
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<svg/onload=window.hit=1>",
    "\"><iframe srcdoc='<script>parent.hit = 1</script>'></iframe>",
    "${window.hit = 1}",
    "{{window.hit = 1}}",
    "`${(window.hit = 1)}`",
    "</textarea><script>window.hit = 1</script>",
    "<math><mtext><style><img src=x onerror=window.hit=1></style></mtext></math>",
    "javascript:window.hit=1",
    "<a href='javascript:window.hit=1' autofocus onfocus=window.hit=1>x</a>",
]


def test_hostile_text_is_shown_as_text_everywhere(sqlite: Engine, open_tab: OpenTab) -> None:
    labels = {
        "categories": [
            {"name": text, "description": text, "color": "red;background:url(//evil.test/x)"} for text in HOSTILE
        ]
    }
    proposed = {i: llm(text, rationale=text, others={HOSTILE[0]: 0.1}) for i, text in enumerate(HOSTILE)}
    attributes = {text: text for text in HOSTILE[:4]}
    seed(
        sqlite,
        Seed(
            texts=HOSTILE, labels=labels, proposed=proposed, attributes=attributes, group=HOSTILE[1], reason=HOSTILE[2]
        ),
    )
    tab = open_tab()
    for text in HOSTILE:
        tab.wait_record()
        assert tab.page.locator(".wb-text").text_content() == text
        assert tab.page.locator(".wb-rationale").text_content() == text
        assert tab.page.locator(".wb-proposal-name").text_content() == text
        tab.press("KeyA")
    assert tab.page.evaluate("window.hit") is None
    assert tab.page.locator("iframe, .wb-app script, .wb-app img:not(.wb-brand img)").count() == 0
    assert tab.faults == []
    assert not [url for url in tab.requests if "evil" in url]


def test_a_blind_record_has_no_proposal_in_the_page_nor_on_the_wire(sqlite: Engine, open_tab: OpenTab) -> None:
    stream = texts_of_stream(0.5, inside=True, how_many=3)
    proposed = {i: llm("посуда", rationale="тайное обоснование") for i in range(3)}
    project, records = seed(
        sqlite,
        Seed(texts=stream, proposed=proposed, settings={"blind_share": "0.5"}, reason="margin|посуда|0.41|обувь|0.39"),
    )
    answers: list[str] = []
    tab = open_tab()
    tab.page.on("response", lambda response: answers.append(response.text()) if "/sync" in response.url else None)
    tab.page.reload()
    tab.wait_record()

    shown = tab.page.locator(".wb-side .wb-proposal, .wb-meta").all_inner_texts()
    assert "тайное" not in tab.page.content()
    assert not any("посуда" in text for text in shown)
    assert texts(Language.RUSSIAN)["blind_badge"] in tab.page.locator(".wb-meta").inner_text()
    assert texts(Language.RUSSIAN)["blind_why"] in tab.page.locator(".wb-proposal").inner_text()
    items = json.loads(answers[0])["items"]
    assert [item["suggestion"] for item in items] == [None] * 3
    assert "посуда" not in answers[0]
    assert "тайное" not in answers[0]

    tab.press("KeyA")
    assert tab.record == str(records[0].id), "there is nothing to accept"
    tab.press("Digit2")
    tab.wait_saved()
    with reading(sqlite) as session:
        gold = gold_of(session, project, blind_only=True)
    assert gold[records[0].id].answer == Answer("обувь")


def test_nothing_is_asked_of_another_host(sqlite: Engine, site: Site, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=["Текст"], labels={"categories": [{"name": "a", "color": "url(//evil.test)"}, "b"]}))
    for path in ("/", "/overview"):
        tab = open_tab(path)
        tab.page.wait_for_timeout(500)
        outside = [url for url in tab.requests if not url.startswith((site.address, "data:", "blob:"))]
        assert outside == []
        assert tab.faults == []


def test_tags_are_preselected_switched_and_saved(sqlite: Engine, open_tab: OpenTab) -> None:
    proposed = {i: llm(tags=("Мягкий", "Советую")) for i in range(4)}
    project, records = seed(
        sqlite, Seed(kind=Kind.TAGS, texts=[f"Отзыв {i}" for i in range(4)], proposed=proposed, category="обувь")
    )
    tab = open_tab()
    tab.wait_record()
    tab.press("KeyA")
    tab.press("Digit1", "Digit2", "Enter")
    tab.press("Digit2", "Digit6", "Enter")
    tab.wait_saved()
    with reading(sqlite) as session:
        gold = {record: set(g.answer.tags or ()) for record, g in gold_of(session, project).items()}
    assert gold == dict(
        zip([r.id for r in records], [{"Мягкий", "Советую"}, {"Советую", "Размер подошёл"}, set()], strict=False)
    )


def test_both_takes_a_category_and_then_its_tags(sqlite: Engine, open_tab: OpenTab) -> None:
    proposed = {i: llm("обувь", tags=("Мягкий",)) for i in range(3)}
    project, records = seed(sqlite, Seed(kind=Kind.BOTH, texts=[f"Отзыв {i}" for i in range(3)], proposed=proposed))
    tab = open_tab()
    tab.wait_record()
    tab.press("KeyA")
    tab.press("Digit2", "Digit3", "Enter")
    tab.press("Digit2", "Escape", "Digit1", "Digit6", "Enter")
    tab.wait_saved()
    with reading(sqlite) as session:
        gold = gold_of(session, project)
    assert [gold[r.id].answer for r in records] == [
        Answer("обувь", ("Мягкий",)),
        Answer("обувь", ("Мягкий", TAGS["обувь"][2])),
        Answer("одежда", (TAGS["одежда"][5],)),
    ]


def test_accepting_a_category_without_tags_asks_for_them(sqlite: Engine, open_tab: OpenTab) -> None:
    project, (record,) = seed(sqlite, Seed(kind=Kind.BOTH, texts=["Отзыв"], proposed={0: llm("обувь")}))
    tab = open_tab()
    tab.wait_record()
    tab.press("KeyA", "KeyA", "Digit3", "Enter")
    tab.wait_saved()
    with reading(sqlite) as session:
        assert gold_of(session, project)[record.id].answer == Answer("обувь", (TAGS["обувь"][2],))


def test_search_chooses_a_label_and_a_comment_goes_with_it(sqlite: Engine, open_tab: OpenTab) -> None:
    labels = {"categories": [f"метка {i}" for i in range(70)]}
    _, records = seed(sqlite, Seed(texts=["Отзыв 1", "Отзыв 2"], labels=labels))
    tab = open_tab()
    tab.wait_record()
    tab.press("KeyC", key="с")
    tab.page.keyboard.type("не уверена: 1 или 2?")
    tab.page.keyboard.press("Enter")
    tab.press("Slash", key=".")
    tab.page.keyboard.type("метка 66")
    tab.page.keyboard.press("Enter")
    tab.press("KeyQ", key="й")
    tab.wait_saved()
    with reading(sqlite) as session:
        log = annotations_for(session, [r.id for r in records])
    assert [(rows[0].answer.category, rows[0].comment) for rows in log.values()] == [
        ("метка 66", "не уверена: 1 или 2?"),
        ("метка 9", ""),
    ]


def test_the_page_says_what_to_do_next(sqlite: Engine, open_tab: OpenTab) -> None:
    assert "workbench import FILE" in open_tab().page.inner_text(".wb-empty")
    with writing(sqlite) as session:
        create_project(session, "bare", Kind.CATEGORY)
    bare = open_tab("/?project=bare")
    assert "workbench labels bare --set" in bare.page.inner_text(".wb-empty")
    bare.page.click(".wb-empty a")
    bare.page.wait_for_url("**/labels?project=bare")
    seed(sqlite, Seed(name="short", texts=["один"]))
    tab = open_tab("/?project=short")
    tab.wait_record()
    tab.press("Digit1")
    assert "workbench queue --project short" in tab.page.inner_text(".wb-empty")


@pytest.mark.parametrize("path", ["/", "/overview"])
def test_no_text_of_the_page_is_left_in_the_other_language(sqlite: Engine, open_tab: OpenTab, path: str) -> None:
    seed(
        sqlite,
        Seed(
            texts=["12345", "67890"],
            labels={"categories": ["10", "20"]},
            proposed={0: llm("10", rationale="30")},
            name="99",
        ),
    )
    tab = open_tab(path, locale="en-US")
    page = tab.page
    page.wait_for_timeout(700)
    assert re.findall("[А-Яа-яЁё]+", said(page)) == []
    page.get_by_role("button", name="RU", exact=True).click()
    page.wait_for_timeout(500)
    allowed = {
        "llm",
        "small-decision",
        "space",
        "enter",
        "me",
        "esc",
        "ru",
        "en",
        "a",
        "f",
        "u",
        "c",
        "r",
        "zero-shot",
        "python",
        "m",
        "training",
        "retrain",
    }
    assert {word.lower() for word in re.findall("[A-Za-z][A-Za-z-]*", said(page))} <= allowed
    assert tab.faults == []


def said(page: Page) -> str:
    """Everything the page says: visible text, and the attributes that are read out."""
    return str(page.evaluate((HERE / "said.js").read_text(encoding="utf-8")))


def test_light_and_dark_keep_text_legible(sqlite: Engine, open_tab: OpenTab) -> None:
    proposed = {0: llm(CATEGORIES[0], rationale="Потому что.", others={"обувь": 0.1})}
    texts = [f"Текст {i}" for i in range(90)]
    seed(sqlite, Seed(texts=texts, proposed=proposed, attributes={"бренд": "Р"}))
    for scheme in ("light", "dark"):
        tab = open_tab(color_scheme=scheme)
        tab.wait_record()
        faint = tab.page.evaluate((HERE / "contrast.js").read_text(encoding="utf-8"))
        assert faint == []
