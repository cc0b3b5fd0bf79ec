from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from workbench.exchange.cleaning import CLEANERS, check_cleaners, clean

quick = settings(derandomize=True, deadline=None, max_examples=150)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<b>жир</b>ный", "жирный"),
        ("a<script>alert('x')</script>b", "ab"),
        ("a<style>p {color: red}</style>b", "ab"),
        ("<script>never closed", ""),
        ("a</script>b", "ab"),
        ("&lt;b&gt; &amp; &#1071; &quot;x&quot;", '<b> & Я "x"'),
        ("a<!-- hidden -->b", "ab"),
        ("I <3 you, 1 < 2 & 3 > 2", "I <3 you, 1 < 2 & 3 > 2"),
        ("цена<100", "цена<100"),
        ("AT&T", "AT&T"),
    ],
)
def test_html_leaves_what_a_reader_would_see(text: str, cleaned: str) -> None:
    assert clean(text, ["html"]) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("  a \t b\xa0\xa0c ", "a b c"), ("a \n\n \r\n b", "a\nb"), ("\n\n", ""), ("a b", "a b")],
)
def test_spaces_become_single_and_line_breaks_stay(text: str, cleaned: str) -> None:
    assert clean(text, ["spaces"]) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("оооочень!!!!!!", "ооочень!!!"), ("ааа", "ааа"), ("10000000 мА 4444", "10000000 мА 4444"), ("a    b", "a    b")],
)
def test_repeats_become_three_and_numbers_stay_what_they_are(text: str, cleaned: str) -> None:
    assert clean(text, ["repeats"]) == cleaned


@quick
@given(st.text(), st.sampled_from(["spaces", "repeats"]))
def test_cleaning_a_clean_text_changes_nothing(text: str, name: str) -> None:
    once = clean(text, [name])
    assert clean(once, [name]) == once


@quick
@given(st.text(alphabet="<>/&;!-#abscript '\"="))
def test_no_html_is_too_broken_to_clean(text: str) -> None:
    assert isinstance(clean(text, list(CLEANERS)), str)


def test_cleanings_run_in_the_order_given() -> None:
    assert clean("<b>a</b>  &amp;", ["html", "spaces"]) == "a &"


def test_an_unknown_cleaning_is_named_with_those_there_are() -> None:
    assert check_cleaners(["html", "spaces"]) == ("html", "spaces")
    with pytest.raises(UserError, match="no cleaning 'lower'; choose from html, spaces, repeats"):
        check_cleaners(["html", "lower"])
