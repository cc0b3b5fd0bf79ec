from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from db.label_sets import as_definition, extended, parse_label_set
from db.types import Category, LabelSet, Tag

quick = settings(derandomize=True, deadline=None, max_examples=100)
names = st.lists(st.text(min_size=1, max_size=12).map(str.strip).filter(lambda n: n and "\x00" not in n), max_size=5)
distinct = names.map(lambda found: list({name.casefold(): name for name in found}.values()))


@st.composite
def label_sets(draw: st.DrawFn) -> LabelSet:
    categories = tuple(
        Category(name, description=draw(st.sampled_from(["", "what it is"])), keywords=tuple(draw(distinct)))
        for name in draw(distinct)
    )
    sections = [c.name for c in categories if draw(st.booleans())]
    tags = {section: tuple(Tag(n, draw(st.sampled_from(["", "d"]))) for n in draw(distinct)) for section in sections}
    return LabelSet(categories=categories, tags=tags)


@quick
@given(label_sets())
def test_a_label_set_written_and_read_is_the_same(label_set: LabelSet) -> None:
    assert parse_label_set(as_definition(label_set)) == label_set


def test_a_bare_string_stands_for_a_name() -> None:
    found = parse_label_set({"categories": ["a", {"name": " b ", "keywords": ["x", " "]}], "tags": {"a": ["t"]}})
    assert found.categories == (Category("a"), Category("b", keywords=("x",)))
    assert found.tags == {"a": (Tag("t"),)}


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (None, "expected a mapping"),
        (["a"], "expected a mapping"),
        ({"labels": []}, "expected a mapping"),
        ({"categories": "a"}, "categories must be a list"),
        ({"categories": [""]}, "without a usable name"),
        ({"categories": [{"description": "x"}]}, "without a usable name"),
        ({"categories": [["a"]]}, "without a usable name"),
        ({"categories": ["x" * 256]}, "without a usable name"),
        ({"categories": ["a\x00b"]}, "characters that cannot be kept in 'a\\x00b'"),
        ({"categories": [{"name": "a", "description": "\ud83d"}]}, "characters that cannot be kept"),
        ({"categories": [{"name": "a", "description": ["x"]}]}, "description of 'a' must be at most"),
        ({"categories": [{"name": "a", "description": "x" * 10_001}]}, "description of 'a' must be at most"),
        ({"categories": [{"name": "a", "keywords": [["x"]]}]}, "keywords of 'a' must be a list of words"),
        ({"categories": [f"c{i}" for i in range(10_001)]}, "more than 10000 labels"),
        ({"tags": {"a": [f"t{i}" for i in range(6_000)], "b": [f"t{i}" for i in range(6_000)]}}, "more than 10000"),
        ({"categories": ["a", {"name": "A"}]}, "two labels named 'A'"),
        ({"categories": [{"name": "a", "keyword": ["x"]}]}, "unknown key 'keyword'"),
        ({"categories": [{"name": "a", "keywords": "x"}]}, "keywords of 'a' must be a list"),
        ({"tags": ["a"]}, "'tags' maps a category"),
        ({"tags": {"a": "t"}}, "tags of 'a' must be a list"),
        ({"tags": {"a": ["t", "T"]}}, "tags of 'a': two labels named 'T'"),
        ({"tags": {"a": [{"name": "t", "color": "red"}]}}, "unknown key 'color'"),
        ({"categories": ["a"], "tags": {"b": ["t"]}}, "tags are given for 'b'"),
        ({"tags": {"a": ["t"], " a ": ["u"]}}, "tags of 'a' are given twice"),
    ],
)
def test_every_fault_is_named(definition: Any, words: str) -> None:
    with pytest.raises(UserError, match="label set: ") as caught:
        parse_label_set(definition)
    assert words in str(caught.value)


def test_new_names_come_behind_the_old_ones_once_each() -> None:
    old = parse_label_set({"categories": ["a"], "tags": {"a": ["t"]}})
    new = extended(old, categories=["b", "a", "b"], tags={"a": ["t", "u"], "b": ["v"]})
    assert new.category_names == ("a", "b")
    assert new.tag_names("a") == ("t", "u")
    assert new.tag_names("b") == ("v",)


def test_a_section_without_a_name_holds_the_tags_of_all_other_categories() -> None:
    found = parse_label_set({"tags": {"a": ["t"], "": ["u"]}})
    assert found.tag_names("a") == ("t",)
    assert found.tag_names("b") == found.tag_names(None) == ("u",)


def test_a_record_of_unknown_category_may_carry_every_tag() -> None:
    found = parse_label_set({"tags": {"a": ["t", "u"], "b": ["u", "v"]}})
    assert found.tag_names(None) == ("t", "u", "v")
    assert found.tag_names("c") == ()
    assert LabelSet().is_empty


def test_spaces_around_a_category_do_not_part_it_from_its_tags() -> None:
    found = parse_label_set({"categories": [" a"], "tags": {"a ": ["t"]}})
    assert (found.category_names, found.tag_names("a")) == (("a",), ("t",))
