"""Thresholds with a guarantee, and a check by hand, on the Proposals page in a real browser."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.project_settings import get_settings
from db.projects import get_project
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Stage, Status

from .conftest import OpenTab
from .seeding import Seed, llm, seed

pytestmark = pytest.mark.browser
SHARE = 0.6


def seed_answered(engine: Engine, texts: int) -> None:
    """A language model that is right where it is sure; the blind stream is answered."""
    proposed = {i: llm("обувь" if i % 10 else "посуда", score=0.99 if i % 10 else 0.4) for i in range(texts)}
    what = Seed(texts=[f"Отзыв {i}" for i in range(texts)], proposed=proposed, settings={"blind_share": str(SHARE)})
    project, records = seed(engine, what)
    stream = [r for r in records if in_blind_stream(r.blind_hash, SHARE)]
    answers = [Annotation(r.id, "анна", Status.GIVEN, Answer("обувь"), blind=True) for r in stream]
    with writing(engine) as session:
        save_annotations(session, project, answers)


def test_an_admin_takes_over_what_can_be_promised(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_answered(sqlite, 900)
    tab = open_tab("/proposals")
    page = tab.page
    page.wait_for_selector(".wb-guarantee-found")
    assert page.locator(".wb-guarantee-found").all_inner_texts() == ["99%"]
    page.get_by_role("button", name="Принять пороги").click()
    assert "LLM: 0% → 99%" in page.locator("dialog").inner_text()
    page.locator("dialog").get_by_role("button", name="Принять пороги").click()
    page.wait_for_selector("text=Пороги с гарантией уже действуют")
    with reading(sqlite) as session:
        assert get_settings(session, get_project(session, "reviews")).thresholds[Stage.LLM] == 0.99
    assert tab.faults == []


def test_it_says_how_many_answers_are_missing(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_answered(sqlite, 60)
    page = open_tab("/proposals").page
    page.wait_for_selector(".wb-guarantee-lack")
    assert "не хватает слепых ответов: 1" in page.locator(".wb-guarantee-lack").inner_text()
    page.get_by_label("Верных меток не меньше").fill("30")
    page.get_by_role("button", name="Пересчитать").click()
    page.wait_for_selector("[role=alert]")
    assert page.get_by_role("button", name="Принять пороги").count() == 0


def test_a_check_is_drawn_labelled_without_the_label_and_counted(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_answered(sqlite, 40)
    tab = open_tab("/proposals")
    page = tab.page
    page.get_by_role("button", name="Отобрать 100 записей").click()
    page.get_by_role("link", name="Размечать").click()
    tab.wait_record()
    page.wait_for_selector(".wb-proposal.is-blind")
    tab.press("Digit2")
    tab.wait_saved()
    page.goto(page.url.replace("/?", "/proposals?"))
    page.wait_for_selector("text=/1 из \\d+/")
    assert tab.faults == []


def test_a_project_of_tags_has_no_card_for_it(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=["Отзыв"], kind=Kind.TAGS))
    page = open_tab("/proposals").page
    page.wait_for_selector(".wb-cascade")
    assert page.locator(".wb-guarantee-wish").count() == 0
