"""The opinions of several sources on the Proposals page in a real browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.proposals import save_proposals
from db.types import Annotation, Answer, Kind, Proposal, Stage, Status

from .conftest import OpenTab
from .readers import serious_faults
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.hit = 1'>${1}"
LABELS = {"categories": CATEGORIES[:3]}
CARD = ".wb-opinions:not([aria-busy])"


def seed_opinions(engine: Engine, sources: tuple[str, ...], *, blind: int = 0) -> None:
    """Thirty texts, ten of each label; the last source calls every fifth of them "одежда"."""
    texts = [f"Отзыв номер {i}" for i in range(30)]
    project, records = seed(engine, Seed(texts=texts, labels=LABELS, settings={"blind_share": "1"}))
    with writing(engine) as session:
        said = [
            Proposal(
                record_id=record.id,
                stage=Stage.IMPORT,
                source=source,
                answer=Answer("одежда" if source == sources[-1] and place % 5 == 0 else CATEGORIES[place % 3]),
            )
            for place, record in enumerate(records)
            for source in sources
        ]
        save_proposals(session, project, said)
        answers = [
            Annotation(
                record_id=record.id,
                person="анна",
                status=Status.GIVEN,
                answer=Answer(CATEGORIES[place % 3]),
                blind=True,
            )
            for place, record in enumerate(records[:blind])
        ]
        save_annotations(session, project, answers)


def test_sources_stand_side_by_side_and_one_can_be_looked_at(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_opinions(sqlite, ("team-a", "team-b", HOSTILE), blind=12)
    tab = open_tab("/proposals")
    tab.page.wait_for_selector(CARD)
    card = tab.page.locator(CARD)
    rows = card.locator("table").first.locator("tbody tr")
    assert [row.split("\t")[0] for row in rows.all_inner_texts()] == [
        HOSTILE, "team-a", "team-b", "Большинство", "Дэвид–Скин",
    ]  # fmt: skip
    assert "о 30 записях; источники расходятся на 4 (13%)" in card.inner_text()
    assert "на одних и тех же 12 записях из 12" in card.inner_text()
    assert "не видно, лучше ли оценка Дэвида–Скина простого большинства" in card.inner_text()
    card.get_by_label("Источник", exact=True).select_option(HOSTILE)
    matrix = card.locator(".wb-confusion")
    assert matrix.locator("tbody th").all_inner_texts() == CATEGORIES[:3]
    assert "путает" in card.locator(".wb-opinions-of > p").inner_text()
    card.get_by_label("Источник", exact=True).select_option("team-a")
    assert card.locator(".wb-opinions-of > p").inner_text() == "По оценке этот источник ничего ни с чем не путает."
    assert serious_faults(tab.page) == []
    tab.page.emulate_media(color_scheme="dark")
    tab.page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert serious_faults(tab.page) == []
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.faults == []


def test_two_sources_are_called_too_few_to_tell_who_is_wrong(sqlite: Engine, open_tab: OpenTab) -> None:
    seed_opinions(sqlite, ("team-a", "team-b"))
    card = open_tab("/proposals", locale="en-US").page.locator(CARD)
    assert "Two sources cannot tell which of them is wrong" in card.inner_text()
    assert "cannot be compared with people yet" in card.inner_text()


def test_one_source_alone_has_nothing_to_be_compared_with(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=["Отзыв"], proposed={0: llm("обувь")}))
    card = open_tab("/proposals").page.locator(CARD)
    assert "нужны категории хотя бы от двух источников" in card.inner_text()
    assert not card.locator("table").count()


def test_a_project_of_tags_has_no_such_card(sqlite: Engine, open_tab: OpenTab) -> None:
    tags = replace(llm(tags=("Мягкий",)), answer=Answer(None, ("Мягкий",)))
    seed(sqlite, Seed(texts=["Отзыв"], kind=Kind.TAGS, category="обувь", proposed={0: tags}))
    page = open_tab("/proposals").page
    page.wait_for_selector(".wb-cascade")
    assert not page.locator(".wb-opinions").count()
