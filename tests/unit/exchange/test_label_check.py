from __future__ import annotations

import pytest

from db.label_sets import as_definition, parse_label_set
from db.types import Answer, Kind, LabelSet
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.parsing import RowFault

LISTED = parse_label_set({"categories": ["A", "B"], "tags": {"A": ["x", "y"]}})


def check(label_set: LabelSet = LISTED, kind: Kind = Kind.BOTH, *, may_add: bool = False) -> LabelCheck:
    return LabelCheck(label_set, kind, may_add=may_add)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer("C"), Kind.CATEGORY, "unknown label 'C'; listed are: A, B"),
        (Answer("a"), Kind.CATEGORY, "label 'a' differs from 'A' only in upper and lower case"),
        (Answer("A", ("z",)), Kind.BOTH, "unknown tag 'z' of 'A'; listed are: x, y"),
        (Answer("B", ("x",)), Kind.BOTH, "no tags are listed for the category 'B'"),
        (Answer(None, ("x",)), Kind.BOTH, "tags without a category"),
        (Answer("A", ("x",)), Kind.CATEGORY, "it takes no tags"),
        (Answer("A"), Kind.TAGS, "use|import its categories with --category-column"),
    ],
)
def test_labels_off_the_list_are_the_rows_fault(answer: Answer, kind: Kind, words: str) -> None:
    with pytest.raises(RowFault) as caught:
        check(kind=kind).admit(answer, None)
    assert words.split("|")[-1] in str(caught.value)


def test_labels_on_the_list_are_taken_and_change_nothing() -> None:
    taken = check()
    taken.admit(Answer("A", ("x",)), None)
    assert taken.extended(LISTED, [(Answer("A", ("x",)), None)]) == (LISTED, [])


def test_an_empty_label_set_is_made_by_peoples_labels_in_their_order() -> None:
    said = [Answer("B", ("t",)), Answer("A", ()), Answer("B", ("u", "t"))]
    empty = check(LabelSet())
    for answer in said:
        empty.admit(answer, None)
    made, added = empty.extended(LabelSet(), [(answer, None) for answer in said])
    assert as_definition(made) == {
        "categories": [{"name": "B"}, {"name": "A"}],
        "tags": {"B": [{"name": "t"}, {"name": "u"}], "A": []},
    }
    assert added == ["B", "A", "B/t", "B/u"]


def test_only_labels_of_answers_that_were_kept_are_added() -> None:
    adding = check(may_add=True)
    adding.admit(Answer("C"), None)
    adding.admit(Answer("D"), None)
    made, added = adding.extended(LISTED, [(Answer("D"), None)])
    assert added == ["D"]
    assert made.category_names == ("A", "B", "D")


def test_labels_that_somebody_listed_meanwhile_are_not_added_twice() -> None:
    adding = check(may_add=True)
    meanwhile = parse_label_set({"categories": ["A", "B", "C"]})
    assert adding.extended(meanwhile, [(Answer("C"), None)]) == (meanwhile, [])


def test_new_labels_may_not_differ_in_case_alone() -> None:
    adding = check(LabelSet(), Kind.CATEGORY)
    adding.admit(Answer("Платье"), None)
    with pytest.raises(RowFault, match="only in upper and lower case"):
        adding.admit(Answer("платье"), None)


def test_in_a_project_of_tags_the_records_category_is_the_section() -> None:
    said = [(Answer(None, ("t",)), "shoes"), (Answer(None, ("u",)), None)]
    empty = check(LabelSet(), Kind.TAGS)
    for answer, section in said:
        empty.admit(answer, section)
    made, added = empty.extended(LabelSet(), said)
    assert as_definition(made) == {"categories": [], "tags": {"shoes": [{"name": "t"}], "": [{"name": "u"}]}}
    assert added == ["shoes/t", "u"]


def test_a_new_section_is_listed_as_a_category_where_categories_are() -> None:
    adding = check(kind=Kind.TAGS, may_add=True)
    adding.admit(Answer(None, ("t",)), "C")
    made, _ = adding.extended(LISTED, [(Answer(None, ("t",)), "C")])
    assert parse_label_set(as_definition(made)).tag_names("C") == ("t",)


def test_a_section_without_a_name_is_for_every_category_without_one_of_its_own() -> None:
    listed = parse_label_set({"tags": {"": ["x"], "A": ["y"]}})
    tags = check(listed, Kind.TAGS)
    tags.admit(Answer(None, ("x",)), "B")
    with pytest.raises(RowFault, match="unknown tag 'x' of 'A'"):
        tags.admit(Answer(None, ("x",)), "A")


def test_a_record_of_unknown_category_may_carry_any_listed_tag() -> None:
    listed = parse_label_set({"tags": {"A": ["x"], "B": ["y"]}})
    tags = check(listed, Kind.TAGS)
    tags.admit(Answer(None, ("x", "y")), None)
    with pytest.raises(RowFault, match="unknown tag 'z'"):
        tags.admit(Answer(None, ("z",)), None)


@pytest.mark.parametrize(
    ("answer", "category", "fits"),
    [
        (Answer("A"), None, True),
        (Answer("C"), None, False),
        (Answer("A", ("x",)), None, True),
        (Answer("A", ("x", "z")), None, False),
        (Answer(None, ("x",)), "A", True),
        (Answer(None, ("x",)), "B", False),
        (Answer(None, ()), "B", True),
    ],
)
def test_a_machines_answer_is_on_the_list_or_not(answer: Answer, category: str | None, fits: bool) -> None:
    assert check().on_list(answer, category) is fits
