"""The overview page in a real browser."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.promotions import Promotion, save_promotion
from db.reasons import Reason
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Status

from .conftest import OpenTab
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.hit = 1'>"


def label_some(engine: Engine) -> None:
    """Sixty answers, eleven parts of one label to one of another, by a person with a hostile name; one promotion."""
    texts = [f"Отзыв {i}" for i in range(80)]
    proposed = {i: llm(CATEGORIES[0]) for i in range(80)}
    labels = {"categories": [*CATEGORIES, HOSTILE]}
    project, records = seed(
        engine, Seed(texts=texts, proposed=proposed, labels=labels, settings={"blind_share": "0.5"})
    )
    answers = [CATEGORIES[1] if i % 12 == 0 else CATEGORIES[0] for i in range(59)] + [HOSTILE]
    with writing(engine) as session:
        save_annotations(
            session,
            project,
            [
                Annotation(
                    record_id=record.id,
                    person=HOSTILE,
                    status=Status.GIVEN,
                    answer=Answer(answer),
                    blind=in_blind_stream(record.blind_hash, 0.5),
                    duration_ms=2500,
                )
                for record, answer in zip(records, answers, strict=False)
            ],
        )
        save_promotion(
            session,
            project,
            Promotion(model_name="reviews", version="3", verdict="promote", reasons=(Reason.of_words(HOSTILE),)),
        )


@pytest.mark.parametrize("width", [1366, 390])
def test_it_shows_progress_labels_agreement_people_and_champions(sqlite: Engine, open_tab: OpenTab, width: int) -> None:
    label_some(sqlite)
    tab = open_tab("/overview", viewport={"width": width, "height": 700})
    tab.page.wait_for_selector(".wb-cards")
    shown = {
        key: tab.page.locator(f"[data-panel={key}]").inner_text()
        for key in ("progress", "categories", "people", "champions")
    }

    assert "80" in shown["progress"]
    assert "60" in shown["progress"]
    assert CATEGORIES[0] in shown["categories"]
    assert HOSTILE in shown["categories"]
    assert "в 54 раз" in shown["categories"]
    assert HOSTILE in shown["people"]
    assert "2.5" in shown["people"]
    assert "reviews" in shown["champions"]
    assert HOSTILE in shown["champions"]
    tab.page.wait_for_selector("[data-panel=sources] .wb-interval")
    assert tab.page.locator("[data-panel=sources] .wb-interval").count() == 2
    assert tab.page.evaluate("window.hit") is None
    assert tab.faults == []
    assert tab.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_refresh_and_language_fetch_it_again(sqlite: Engine, open_tab: OpenTab) -> None:
    label_some(sqlite)
    page = open_tab("/overview", locale="en-US").page
    page.wait_for_selector("text=How far machines agree with people")
    page.get_by_role("button", name="RU", exact=True).click()
    page.wait_for_selector("text=Насколько модели согласны с людьми")
    with page.expect_response(lambda response: "/api/overview/reviews" in response.url):
        page.get_by_role("button", name="Обновить").click()
