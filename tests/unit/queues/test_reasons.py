"""Reasons: a stored code that fits its column, in words for the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.queues import reasons
from workbench.queues.reasons import render_reason


@pytest.mark.parametrize(
    ("reason", "english", "russian"),
    [
        (reasons.typical(214), "typical: stands for 214 similar texts", "типичный текст: похожих на него — 214"),
        (
            reasons.margin("одежда", 0.411, "обувь", 0.39),
            "uncertain: одежда 41 % / обувь 39 %",
            "модель сомневается: одежда 41 % / обувь 39 %",
        ),
        (
            reasons.uncertain_tag("Удобный", 0.48, 0.5),
            "uncertain tag: Удобный 48 %, threshold 50 %",
            "спорный тег: Удобный 48 % при пороге 50 %",
        ),
        (
            reasons.disagreement("одежда", ["keywords", "team|a"], "обувь", ["llm:x"]),
            "sources disagree: одежда (keywords, team/a) / обувь (llm:x)",
            "источники расходятся: одежда (keywords, team/a) / обувь (llm:x)",
        ),
        (reasons.RANDOM, "random", "случайная запись"),
        (reasons.BLIND, "blind sample: judge by the text alone", "слепая выборка: судите только по тексту"),
        (reasons.SKIPPED, "skipped by somebody before", "кто-то уже пропустил эту запись"),
    ],
)
def test_a_reason_reads_in_both_languages(reason: str, english: str, russian: str) -> None:
    assert render_reason(reason) == english
    assert render_reason(reason, "en") == english
    assert render_reason(reason, "ru-RU") == russian


@given(st.text(max_size=255), st.floats(0, 1), st.text(max_size=255), st.floats(0, 1))
def test_any_two_categories_fit_the_column_and_render(one: str, high: float, other: str, low: float) -> None:
    code = reasons.margin(one, high, other, low)
    assert len(code) <= 255
    assert render_reason(code).startswith("uncertain: ")


@given(st.text(max_size=255), st.lists(st.text(max_size=255), min_size=1, max_size=4))
def test_labels_and_sources_of_any_length_fit_the_column(name: str, sources: list[str]) -> None:
    code = reasons.disagreement(name, sources, name, sources)
    assert len(code) <= 255
    assert render_reason(code).startswith("sources disagree: ")


@pytest.mark.parametrize("code", ["", "by hand", "margin|одежда", "typical", "priority|1|{0}"])
def test_a_code_that_is_not_ours_is_shown_as_it_is(code: str) -> None:
    assert render_reason(code) == code
