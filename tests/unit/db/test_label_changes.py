from __future__ import annotations

from db.label_changes import ChangeKind, LabelChange, compare_label_sets
from db.label_sets import parse_label_set


def changes(old: object, new: object) -> list[LabelChange]:
    return compare_label_sets(parse_label_set(old), parse_label_set(new))


def test_the_same_label_set_has_no_changes() -> None:
    labels = {"categories": ["a", {"name": "b", "keywords": ["x"]}], "tags": {"a": ["t"]}}
    assert changes(labels, labels) == []


def test_what_was_removed_comes_before_what_was_added() -> None:
    assert changes({"categories": ["a", "b"]}, {"categories": ["c", "b"]}) == [
        LabelChange(kind=ChangeKind.REMOVED, name="a"),
        LabelChange(kind=ChangeKind.ADDED, name="c"),
    ]


def test_another_spelling_is_another_label() -> None:
    kinds = [change.kind for change in changes({"categories": ["a"]}, {"categories": ["A"]})]
    assert kinds == [ChangeKind.REMOVED, ChangeKind.ADDED]


def test_the_fields_that_changed_are_named() -> None:
    old = {"categories": [{"name": "a", "color": "red"}], "tags": {"a": [{"name": "t", "definition": "x"}]}}
    new = {"categories": [{"name": "a", "description": "d", "keywords": ["k"]}], "tags": {"a": ["t"]}}
    assert changes(old, new) == [
        LabelChange(kind=ChangeKind.CHANGED, name="a", fields=("description", "keywords", "color")),
        LabelChange(kind=ChangeKind.CHANGED, name="t", section="a", fields=("definition",)),
    ]


def test_a_new_order_is_one_change_of_the_list() -> None:
    old = {"categories": ["a", "b", "c"], "tags": {"a": ["t", "u"]}}
    new = {"categories": ["c", "a"], "tags": {"a": ["u", "t"]}}
    assert changes(old, new) == [
        LabelChange(kind=ChangeKind.REMOVED, name="b"),
        LabelChange(kind=ChangeKind.MOVED, name=""),
        LabelChange(kind=ChangeKind.MOVED, name="", section="a"),
    ]


def test_a_section_that_goes_takes_its_tags_with_it() -> None:
    old = {"categories": ["a"], "tags": {"a": ["t"]}}
    assert changes(old, {"categories": ["a"]}) == [LabelChange(kind=ChangeKind.REMOVED, name="t", section="a")]
