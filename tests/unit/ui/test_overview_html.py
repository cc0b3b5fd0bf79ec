from __future__ import annotations

import re
from datetime import date

import pytest

from db.promotions import Promotion
from db.reasons import Reason
from db.types import Category, Kind, LabelSet, Stage
from workbench.quality.agreement import agreement, tag_agreement
from workbench.quality.distribution import distribution
from workbench.quality.overview import Overview, Progress
from workbench.quality.sources import SourceAgreement
from workbench.quality.work import DayWork, PersonWork
from workbench.ui.language import Language
from workbench.ui.overview_html import OverviewPage, colour_of
from workbench.ui.sources_html import sources_html

HOSTILE = "<script>alert(1)</script>\"' onload=x"


def page(name: str, language: Language = Language.ENGLISH, *, promotions: tuple[Promotion, ...] = ()) -> str:
    figures = Overview(
        project=name,
        kind=Kind.BOTH,
        progress=Progress(records=200, answered=50, skipped=3, flagged=1, calibration=7, test=8, queued=None),
        categories=distribution({name: 40, "b": 2}, ["c"]),
        tags=distribution({}, [name]),
        people=(PersonWork(person=name, answered=50, blind=15, skipped=3, flagged=1, seconds=None),),
        days=(DayWork(day=date(2026, 11, 20), person=name, answered=50),),
    )
    label_set = LabelSet(categories=(Category(name, color=HOSTILE), Category("b", color="#aabbcc")))
    return OverviewPage(figures=figures, label_set=label_set, promotions=promotions, language=language).html()


def sources(name: str, language: Language = Language.ENGLISH) -> str:
    tags = tag_agreement({(frozenset({name}), frozenset({name})): 3})
    source = SourceAgreement(
        source=name,
        stage=Stage.LLM,
        blind=agreement({(name, name): 9, (name, "b"): 1}),
        assisted=None,
        blind_tags=tags,
        assisted_tags=tags,
    )
    return sources_html((source,), language)


@pytest.mark.parametrize("language", list(Language))
def test_nothing_from_people_or_machines_becomes_markup(language: Language) -> None:
    promotion = Promotion(model_name=HOSTILE, version=HOSTILE, verdict=HOSTILE, reasons=(Reason.of_words(HOSTILE),))
    html = page(HOSTILE, language, promotions=(promotion,)) + sources(HOSTILE, language)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 8
    own = "div section h2 h3 p i b u span table thead tbody tr th td ol ul li time"
    assert set(re.findall(r"<(\w+)", html)) <= set(own.split())


def test_it_says_how_far_it_is_and_what_is_wrong_with_the_labels() -> None:
    html = page("a")
    assert "<b>200</b>" in html
    assert "<b>7 + 8</b>" in html
    assert "20 times the rows" in html
    assert "1 label has no answer yet." in html


def test_agreement_comes_with_its_interval_and_number() -> None:
    html = sources("a")
    assert "60–98% · n = 10" in html
    assert "<b>90%</b>" in html


def test_a_colour_that_is_not_plain_is_replaced() -> None:
    assert colour_of("#aabbcc", 0) == "#aabbcc"
    assert colour_of("teal", 0) == "teal"
    assert colour_of("red;background:url(//x)", 0).startswith("oklch(")
