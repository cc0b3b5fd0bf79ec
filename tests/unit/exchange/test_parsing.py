from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.text_keys import text_key
from db.types import Answer, Kind
from workbench.exchange.parsing import MAX_TEXT, Candidate, RowFault, RowParser, parse_tags
from workbench.exchange.requests import ImportRequest, ProposalColumn
from workbench.files.rows import Row


def parse(values: dict[str, Any], kind: Kind = Kind.CATEGORY, **request: Any) -> Candidate:
    asked = ImportRequest(path=Path("f.csv"), project="p", **request)
    return RowParser(asked, kind, tuple(values))(Row(2, values))


def test_without_an_id_column_the_text_is_the_identity() -> None:
    candidate = parse({"text": " Юбка "})
    assert candidate.external_id == text_key("юбка")
    assert candidate.text == " Юбка "
    assert candidate.original_text is None


def test_columns_that_nobody_asked_for_are_kept_as_attributes() -> None:
    candidate = parse({"text": "a", "id": 7.0, "brand": "x", "price": 5.0, "none": None, "": "y"}, id_column="id")
    assert candidate.external_id == "7"
    assert candidate.attributes == {"brand": "x", "price": "5"}
    assert parse({"text": "a"}).attributes is None


def test_cleaning_keeps_the_original() -> None:
    candidate = parse({"text": "<b>a</b>"}, cleaning=("html",))
    assert (candidate.text, candidate.original_text) == ("a", "<b>a</b>")


def test_a_group_decides_the_blind_stream_and_the_text_does_not() -> None:
    one, other = (parse({"text": t, "g": "sku"}, group_column="g") for t in ("a", "b"))
    assert one.identity["blind_hash"] == other.identity["blind_hash"]
    assert one.identity["text_key"] != other.identity["text_key"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": ""}, "empty text"),
        ({"text": None}, "empty text"),
        ({"text": " \n\xa0"}, "empty text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "100 001 characters; at most 100 000"),
        ({"text": "a\x00b"}, "a NUL byte in column 'text'"),
        ({"text": "a\udc80"}, "broken characters in column 'text'"),
        ({"id": " "}, "empty id in column 'id'"),
        ({"id": "x" * 256}, "column 'id' has 256 characters"),
        ({"g": "x" * 256}, "column 'g' has 256 characters"),
        ({"label": "x" * 256}, "column 'label' has 256 characters"),
        ({"label": "a\x00"}, "a NUL byte in column 'label'"),
        ({"other": "\x00"}, "a NUL byte in column 'other'"),
        ({"tags": "[broken"}, "tags are not a JSON list"),
        ({"tags": "[" * 100_000}, "tags are not a JSON list"),
        ({"tags": "a;b\x00"}, "a NUL byte in column 'tags'"),
        ({"tags": '["\\ud800"]'}, "broken characters in column 'tags'"),
        ({"tags": "x" * 256}, "a tag of 256 characters"),
        ({"m": "A", "s": "high"}, "score 'high' in column 's' is not a number from 0 to 1"),
        ({"m": "A", "s": "1.01"}, "score '1.01'"),
        ({"m": "A", "s": "-0.1"}, "score '-0.1'"),
        ({"m": "A", "s": "nan"}, "score 'nan'"),
    ],
)
def test_every_fault_of_a_row_is_told(values: dict[str, Any], words: str) -> None:
    row = {"text": "t", "id": "1", "g": "", "label": "", "tags": "", "m": "", "s": "", "other": ""} | values
    with pytest.raises(RowFault) as caught:
        parse(
            row,
            id_column="id",
            group_column="g",
            labels_column="label",
            tags_column="tags",
            proposal_columns=(ProposalColumn(column="m", source="s", score_column="s"),),
        )
    assert words in str(caught.value)


def test_a_fault_of_the_reader_is_the_rows_fault() -> None:
    with pytest.raises(RowFault, match="broken quote"):
        RowParser(ImportRequest(path=Path("f"), project="p"), Kind.CATEGORY, ("text",))(Row(2, {}, "broken quote"))


@pytest.mark.parametrize(
    ("label", "tags", "answer"),
    [
        ("A", "", Answer("A", ())),
        ("A", "x;y", Answer("A", ("x", "y"))),
        ("", "", None),
        ("", "[]", Answer(None, ())),
        ("", "x", Answer(None, ("x",))),
    ],
)
def test_labels_and_tags_become_one_answer(label: str, tags: str, answer: Answer | None) -> None:
    row = {"text": "t", "label": label, "tags": tags}
    assert parse(row, Kind.BOTH, labels_column="label", tags_column="tags").answer == answer


def test_without_a_tags_column_tags_were_not_asked() -> None:
    assert parse({"text": "t", "label": " A "}, labels_column="label").answer == Answer("A", None)


def test_proposals_are_categories_or_in_a_project_of_tags_tags() -> None:
    row = {"text": "t", "m": "a;b", "s": "0,75", "empty": ""}
    columns = (ProposalColumn(column="m", source="x", score_column="s"), ProposalColumn(column="empty", source="y"))
    (category,) = parse(row, proposal_columns=columns).proposals
    (tags,) = parse(row, Kind.TAGS, proposal_columns=columns).proposals
    assert (category.answer, category.score, category.source) == (Answer("a;b"), 0.75, "x")
    assert tags.answer == Answer(None, ("a", "b"))


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("[]", ()),
        ([], ()),
        ("a", ("a",)),
        ("a; b|c;;a", ("a", "b", "c")),
        ('["a", " b ", "a", ""]', ("a", "b")),
        (["я", 5.0, None], ("я", "5")),
        (";", ()),
        ("да, но", ("да, но",)),
    ],
)
def test_tags_are_read_from_lists_and_from_text(value: object, tags: tuple[str, ...] | None) -> None:
    assert parse_tags(value) == tags
