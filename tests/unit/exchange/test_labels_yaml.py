from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from db.label_sets import parse_label_set
from db.types import Category, LabelSet, Tag
from workbench.exchange.labels_yaml import labels_as_yaml, labels_from_yaml

ODD = [
    "no",
    "007",
    "2024-01-01",
    "~",
    "=1+1",
    "<b>x</b>",
    "${x}",
    "🙂 emoji",
    "שלום",
    "- a",
    "a: b",
    "#a",
    "'",
    '"',
    "a\u2028b",
]
texts = st.one_of(st.sampled_from(ODD), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
names = texts.map(str.strip).filter(bool)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(names, min_size=1, max_size=6, unique_by=str.casefold), texts)
def test_a_label_set_written_and_read_is_the_same(given_names: list[str], description: str) -> None:
    categories = tuple(Category(n, description=description.strip(), keywords=(n,)) for n in given_names)
    tags = {given_names[0]: tuple(Tag(n) for n in given_names)}
    label_set = LabelSet(categories=categories, tags=tags)
    assert labels_from_yaml(labels_as_yaml(label_set), "labels.yaml") == label_set


def test_labels_that_are_only_a_name_stand_alone() -> None:
    written = labels_as_yaml(parse_label_set({"categories": ["обувь", {"name": "b", "color": "red"}]}))
    assert written == "categories:\n- обувь\n- name: b\n  color: red\ntags: {}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("categories: [a", "my.yaml line 1: not YAML"),
        ("a\x00b", "my.yaml: not YAML"),
        ("[" * 5_000, "my.yaml: nested too deeply"),
        ("", "my.yaml: label set: expected a mapping"),
        ("categories: []", "my.yaml: it lists neither"),
        ("categories: [{name: a, keywords: [[b]]}]", "my.yaml: label set: keywords of 'a' must be a list of words"),
    ],
)
def test_every_fault_names_the_file(text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        labels_from_yaml(text, "my.yaml")
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_lists_that_repeat_each_other_by_reference_do_not_grow_without_end() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
    nested = "categories: [*a59]\n"
    for text in (bomb + nested, f"x: &x [{', '.join(f't{i}' for i in range(900))}]\ntags: {{" + bomb + "}"):
        with pytest.raises(UserError):
            labels_from_yaml(text, "bomb.yaml")
    many = ", ".join(f"c{i}: *tags" for i in range(200))
    with pytest.raises(UserError, match="more than 10000 labels"):
        labels_from_yaml(f"tags: {{c: &tags [{', '.join(f't{i}' for i in range(900))}], {many}}}", "bomb.yaml")
