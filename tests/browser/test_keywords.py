"""Keywords from answers on the labels page: seen, looked into, taken into the draft, turned down."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.dismissed_keywords import dismissed_keywords
from db.engine import reading, writing
from db.label_sets import get_label_set
from db.types import Annotation, Answer, Kind, Project, Status

from .conftest import OpenTab, Tab
from .hostile import ATTACHED
from .seeding import Seed, seed

pytestmark = pytest.mark.browser
MARKED = "<img src=x onerror='window.hit=1'>"
LABELS = {"categories": [{"name": f"обувь {MARKED}", "keywords": ["рукав"]}, "одежда"], "tags": {}}


def make(engine: Engine) -> Project:
    shoes = [f"{MARKED if n < 2 else ''} Кроссовки {n}" for n in range(12)]
    texts = shoes + [f"рукава {n}" for n in range(12)] + ["кроссовки жмут"] * 3
    project, records = seed(engine, Seed(name="отзывы", kind=Kind.CATEGORY, texts=texts, labels=LABELS))
    given = [f"обувь {MARKED}"] * 12 + ["одежда"] * 12
    answers = [Annotation(r.id, "анна", Status.GIVEN, Answer(c)) for r, c in zip(records, given, strict=False)]
    with writing(engine) as session:
        save_annotations(session, project, answers)
    return project


def line(tab: Tab, word: str) -> Locator:
    return tab.page.locator(".wb-keyword-table tr", has=tab.page.get_by_role("button", name=word, exact=True))


def listed(engine: Engine, project: Project) -> dict[str, tuple[str, ...]]:
    with reading(engine) as session:
        return {c.name: c.keywords for c in get_label_set(session, project).categories}


def test_a_word_goes_into_the_draft_and_is_saved_with_it(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    new, harmful = line(tab, "кроссовки"), line(tab, "рукав")
    new.wait_for()
    assert "12" in new.inner_text()
    assert "100%" in new.inner_text()
    new.get_by_role("button", name="кроссовки", exact=True).click()
    examples = tab.page.locator(".wb-keyword-examples:visible")
    assert MARKED in examples.inner_text()
    new.get_by_role("button", name="В черновик").click()
    harmful.get_by_role("button", name="Убрать из списка").click()
    expect(new.get_by_role("button", name="Отменить")).to_be_visible()
    assert listed(sqlite, project)[f"обувь {MARKED}"] == ("рукав",)
    harmful.get_by_role("button", name="Отменить").click()
    harmful.get_by_role("button", name="Убрать из списка").click()
    tab.page.get_by_role("button", name="Проверить и сохранить").click()
    tab.page.get_by_role("button", name="Сохранить новой версией").click()
    tab.page.locator(".wb-toast", has_text="сохранены").wait_for()
    assert listed(sqlite, project)[f"обувь {MARKED}"] == ("кроссовки",)
    # The new version is looked at anew: what is listed is no longer proposed.
    tab.page.locator(".wb-keywords-notes").wait_for(state="attached")
    expect(new).to_have_count(0)
    expect(harmful).to_have_count(0)
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.page.evaluate(ATTACHED) == 0
    assert tab.faults == []


def test_a_word_is_turned_down_for_good_or_brought_back_at_once(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    new = line(tab, "кроссовки")
    new.get_by_role("button", name="Больше не предлагать").click()
    tab.page.get_by_role("button", name="Вернуть").click()
    new.wait_for()
    with reading(sqlite) as session:
        assert dismissed_keywords(session, project) == set()
    new.get_by_role("button", name="Больше не предлагать").click()
    tab.page.get_by_role("button", name="Вернуть").wait_for()
    tab.page.get_by_role("button", name="Подобрать заново").click()
    tab.page.locator(".wb-keywords-notes").wait_for(state="attached")
    expect(new).to_have_count(0)
    assert tab.faults == []


def test_reviewers_look_and_annotators_do_not_even_ask(sqlite: Engine, open_tab: OpenTab) -> None:
    make(sqlite)
    tab = open_tab("/labels")

    def become(role: str) -> None:
        me = json.dumps({"person": None, "role": role, "logged_in": False})
        tab.page.route("**/api/me", lambda route: route.fulfill(body=me, content_type="application/json"))
        tab.requests.clear()
        tab.page.reload()
        tab.page.wait_for_load_state("networkidle")

    become("reviewer")
    line(tab, "кроссовки").wait_for()
    assert tab.page.locator(".wb-keyword-tools button").count() == 0
    become("annotator")
    assert tab.page.locator(".wb-keywords").count() == 0
    assert [url for url in tab.requests if url.endswith("/keywords")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault(sqlite: Engine, open_tab: OpenTab, scheme: str) -> None:
    make(sqlite)
    tab = open_tab("/labels", color_scheme=scheme)
    new = line(tab, "кроссовки")
    new.get_by_role("button", name="кроссовки", exact=True).click()
    new.get_by_role("button", name="В черновик").click()
    found = Axe().run(tab.page, context=".wb-app").response["violations"]
    faults = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
    assert [fault for fault, one in zip(faults, found, strict=True) if one["impact"] in ("serious", "critical")] == []
