from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.quality.histogram import BINS, histogram
from workbench.quality.looking import MOST_VALUES, Attribute, Looked, Repeated
from workbench.quality.scripts import Script, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Платье хорошее, брала на вырост — 5 звёзд!", Script.CYRILLIC),
        ("Чехол для iPhone 15: сидит отлично, рекомендую", Script.CYRILLIC),
        ("Nice dress, très jolie, größer", Script.LATIN),
        ("Кроссовки Nike Air Max", Script.MIXED),
        ("Привет hello", Script.MIXED),
        ("很好的衣服", Script.OTHER),
        ("שלום לכולם", Script.OTHER),
        ("Καλημέρα", Script.OTHER),
        ("5 / 5 — !!! 🙂👍", Script.NONE),
        ("", Script.NONE),
        ("\ud83d", Script.NONE),
        ("Очень " * 100 + "long English text " * 100, Script.CYRILLIC),
    ],
)
def test_the_script_of_most_letters_is_the_texts(text: str, script: Script) -> None:
    assert script_of(text) is script


def test_lengths_are_put_in_bins_that_people_can_read() -> None:
    found = histogram([*range(0, 1000), 90_000])
    assert found is not None
    assert (found.median, found.p95, found.longest) == (500, 950, 90_000)
    assert found.width == 100
    assert found.counts == (*[100] * 10, *[0] * 9, 1)


def test_short_texts_have_as_many_bins_as_they_fill() -> None:
    found = histogram([1, 1, 2])
    assert found is not None
    assert (found.width, found.counts) == (1, (0, 2, 1))
    assert histogram([]) is None


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=200))
def test_every_value_is_in_one_bin(values: list[int]) -> None:
    found = histogram(values)
    assert found is not None
    assert sum(found.counts) == len(values)
    assert len(found.counts) <= BINS
    for place, count in enumerate(found.counts[:-1]):
        assert count == sum(found.width * place <= value < found.width * (place + 1) for value in values)


def test_repeated_and_near_empty_texts_are_counted() -> None:
    looked = Looked()
    for number, (text, key) in enumerate(
        [("ок", "a"), (" Ок  ", "a"), ("нормально", "b"), ("ОК", "a"), ("    +    ", "c")]
    ):
        looked.at(f"r{number}", text, key, None)
    assert looked.texts == 3
    assert looked.repeated() == (1, (Repeated(text="ок", external_id="r0", times=3),))
    assert (looked.near_empty, looked.near_empty_ids) == (4, ["r0", "r1", "r3", "r4"])


def test_attributes_are_counted_with_their_values() -> None:
    looked = Looked()
    for number in range(MOST_VALUES + 10):
        attributes = {"date": f"day {number}"} | ({"brand": "x" * 200} if number % 2 else {})
        looked.at(f"r{number}", "text", str(number), json.dumps(attributes))
    looked.at("last", "text", "last", None)
    looked.at("null", "text", "null", "null")
    date, brand = looked.attributes()
    assert (date.name, date.filled, date.values) == ("date", MOST_VALUES + 10, None)
    assert brand == Attribute(name="brand", filled=505, values=1, common=(("x" * 160 + "…", 505),))
