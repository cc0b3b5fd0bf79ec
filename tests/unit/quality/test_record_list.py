"""What a line of a list shows of a text, and whether a proposal differs from gold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.types import Answer
from workbench.quality.record_list import differs, excerpt


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("платье", "обувь") == "платье"


def test_a_long_text_is_shown_around_what_was_looked_for() -> None:
    text = "а " * 1000 + "ПЛАТЬЕ" + " б" * 1000
    shown = excerpt(text, "платье")
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "ПЛАТЬЕ" in shown
    assert excerpt(text, "нет такого") == text[:320] + "…"
    assert excerpt("ПЛАТЬЕ" + " б" * 1000, " платье ").startswith("ПЛАТЬЕ")


@given(st.text(), st.text(max_size=5))
def test_an_excerpt_is_a_part_of_its_text(text: str, needle: str) -> None:
    shown = excerpt(text * 20, needle)
    assert len(shown) <= 322
    assert shown in text * 20 or shown.removeprefix("…").removesuffix("…") in text * 20


@pytest.mark.parametrize(
    ("proposed", "gold", "expected"),
    [
        (Answer("A"), Answer("A"), False),
        (Answer("A"), Answer("B"), True),
        (Answer("A"), Answer(None, ("x",)), False),
        (Answer("A", ("x", "y")), Answer("A", ("y", "x")), False),
        (Answer("A", ("x",)), Answer("A", ()), True),
        (Answer(None, ()), Answer(None, ()), False),
    ],
)
def test_they_differ_only_in_what_both_speak_of(proposed: Answer, gold: Answer, expected: bool) -> None:
    assert differs(proposed, gold) is expected
