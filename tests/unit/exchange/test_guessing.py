from __future__ import annotations

from typing import Any

import pytest

from db.types import Kind
from workbench.exchange.guessing import Mapping, guess_mapping
from workbench.exchange.requests import ProposalColumn
from workbench.files.rows import Row


def guess(columns: str, kind: Kind | None = None, *rows: dict[str, Any]) -> Mapping:
    names = columns.split(",")
    given = rows or tuple({name: f"{name} {place}" for name in names} for place in range(3))
    return guess_mapping(names, [Row(number, row) for number, row in enumerate(given, 2)], kind)


def test_english_names_are_known() -> None:
    found = guess("id,text,category,tags,sku,stars,lang", Kind.BOTH)
    assert found == Mapping(kind=Kind.BOTH, id="id", text="text", labels="category", tags="tags", group="sku")


def test_russian_names_are_known_however_they_are_written() -> None:
    found = guess("ИД,Текст отзыва,Категория,Артикул", Kind.CATEGORY)
    assert found == Mapping(kind=Kind.CATEGORY, id="ИД", text="Текст отзыва", labels="Категория", group="Артикул")


def test_without_a_name_that_is_known_the_column_with_the_most_to_read_is_the_text() -> None:
    rows = ({"a": "1", "b": "a long review of something", "c": "x"}, {"a": "2", "b": "", "c": "y"})
    assert guess("a,b,c", None, *rows).text == "b"


def test_an_id_that_repeats_or_is_missing_is_none() -> None:
    assert guess("id,text", None, {"id": "1", "text": "a"}, {"id": "1", "text": "b"}).id is None
    assert guess("id,text", None, {"id": "", "text": "a"}, {"id": "1", "text": "b"}).id is None
    assert guess("id,text", None, {"id": 1, "text": "a"}, {"id": 2, "text": "b"}).id == "id"


def test_in_a_project_of_tags_a_category_is_what_is_known_of_the_record() -> None:
    found = guess("text,category,tags", Kind.TAGS)
    assert (found.category, found.labels, found.tags) == ("category", None, "tags")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("text", Kind.CATEGORY),
        ("text,label", Kind.CATEGORY),
        ("text,tags", Kind.TAGS),
        ("text,label,tags", Kind.BOTH),
        ("text,категория,теги", Kind.BOTH),
    ],
)
def test_the_columns_suggest_the_kind_of_a_new_project(columns: str, kind: Kind) -> None:
    assert guess(columns).kind is kind


def test_columns_with_scores_beside_them_are_proposals() -> None:
    found = guess("text,label,team_a,team_a_score,gpt,gpt_confidence", Kind.CATEGORY)
    assert found.labels == "label"
    assert found.proposals == (
        ProposalColumn(column="team_a", source="team_a", score_column="team_a_score"),
        ProposalColumn(column="gpt", source="gpt", score_column="gpt_confidence"),
    )


def test_a_score_alone_belongs_to_the_only_proposal() -> None:
    (found,) = guess("text,prediction,confidence", Kind.CATEGORY).proposals
    assert found == ProposalColumn(column="prediction", source="prediction", score_column="confidence")
    assert [p.score_column for p in guess("text,prediction,llm,score", Kind.CATEGORY).proposals] == [None, None]


def test_a_file_without_columns_of_meaning_maps_nothing_else() -> None:
    assert guess("x", Kind.TAGS) == Mapping(kind=Kind.TAGS, text="x")
