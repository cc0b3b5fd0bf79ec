"""The phrase book of the Russian pages has everything that the server may say to a person at one, and no more."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from itertools import chain
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from db.types import Kind, Role
from tests.unit.ui.left_in_english import LINES, ROOMS, SPELT_OUT
from tests.unit.ui.raised_lines import ROOT, Line, all_lines
from workbench.exchange import genuine
from workbench.files import signatures
from workbench.files.rows import UNDECODED
from workbench.jobs.job import JobKind, JobState
from workbench.proposing.llm import detect
from workbench.ui.app import STATIC
from workbench.ui.language import PHRASE_BOOK, Language

BOOK: dict[str, str] = json.loads((STATIC / "texts" / Language.RUSSIAN / PHRASE_BOOK).read_text(encoding="utf-8"))
PLACE = re.compile(r"\{(\d+)!?\}")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


_Longest1, _Longest2 = Annotated[str, Field(max_length=1)], Annotated[str, Field(max_length=2)]
_Least1, _Least2 = Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=2)]
_Few, _FewInTuple = Annotated[list[str], Field(max_length=2)], Annotated[tuple[str, ...], Field(max_length=2)]
_One, _OneInTuple = Annotated[list[str], Field(min_length=1)], Annotated[tuple[str, ...], Field(min_length=1)]
# What a body or a parameter may be refused for, with a value that is.
REFUSED: list[tuple[Any, Any]] = [
    (_Longest1, "xx"),
    (_Longest2, "xxx"),
    (_Least1, ""),
    (_Least2, ""),
    (Annotated[str, Field(pattern="^a$")], "b"),
    (_Few, ["a"] * 3),
    (_FewInTuple, ["a"] * 3),
    (_One, []),
    (_OneInTuple, []),
    (Annotated[int, Field(ge=1)], 0),
    (Annotated[int, Field(gt=1)], 1),
    (Annotated[int, Field(le=1)], 2),
    (Annotated[int, Field(lt=1)], 1),
    (int, []),
    (int, "x"),
    (int, 1.5),
    (int, "1" * 5_000),
    (str, 1),
    (bool, []),
    (list, 1),
    (tuple, 1),
    (dict, 1),
    (Literal["a", "b", "c"], "d"),
    (Kind, "x"),
    (_Closed, {}),
    (_Closed, {"name": "x", "other": "y"}),
]


def shown_lines() -> list[Line]:
    return [line for line in all_lines() if not line.where.startswith(tuple(ROOMS)) and line.text not in LINES]


def words_filled_in() -> set[str]:
    """Words of ours that come from a table, an enumeration or another module."""
    named = {name for name in [*chain(*genuine._IN_ZIP), *genuine._KINDS.values()] if name.startswith(("a ", "an "))}
    kinds_of_file = {name for _, name in signatures._STARTS} | {"a web page", "an XML document", "a binary file"}
    apis = "; ".join(f"{api.value}: {{{place}}}" for place, api in enumerate(detect._ORDER))
    others = {UNDECODED, apis, "not served", HTTPStatus.NOT_FOUND.phrase}
    return {*Role, *Kind, *JobKind, *JobState} | named | kinds_of_file | others


def pattern_of(template: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, re.split(r"\{\d+\}", template))), re.DOTALL)


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return str(caught.value.errors()[0]["msg"])


def test_every_line_that_a_page_can_show_reads_in_russian() -> None:
    missing = [
        f"{line.where}: {text}"
        for line in shown_lines()
        for text in SPELT_OUT.get(line.text, (line.text, *line.pieces))
        if text not in BOOK and text not in LINES
    ]
    assert missing == []
    assert words_filled_in() - BOOK.keys() == set()


def test_places_that_are_filled_with_words_of_ours_are_marked_for_it() -> None:
    filled = {line.text for line in shown_lines() if line.pieces and line.text not in SPELT_OUT}
    assert [text for text in filled if "!}" not in BOOK[text]] == []


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_a_body_is_refused_for_reads_in_russian(kind: Any, value: Any) -> None:
    said = refusal(kind, value)
    assert [template for template in BOOK if template != "{0}: {1}" and pattern_of(template).fullmatch(said)] != []


def test_no_template_is_left_of_a_line_that_nobody_says_any_more() -> None:
    lines = shown_lines()
    said = {text for line in lines for text in SPELT_OUT.get(line.text, (line.text, *line.pieces))}
    unsaid = BOOK.keys() - said - words_filled_in()
    refusals = [refusal(kind, value) for kind, value in REFUSED]
    assert {text for text in unsaid if not any(pattern_of(text).fullmatch(one) for one in refusals)} == set()


def test_what_is_left_out_or_spelt_out_is_still_said_somewhere() -> None:
    lines = all_lines()
    said = {text for line in lines for text in (line.text, *line.pieces)}
    assert set(LINES) - said == set()
    assert set(SPELT_OUT) - said == set()
    assert [room for room in ROOMS if not (ROOT / room).exists()] == []
    assert "not served" in (ROOT / "workbench/proposing/llm/detect.py").read_text(encoding="utf-8")
    for line, wholes in SPELT_OUT.items():
        assert [whole for whole in wholes if not pattern_of(line).fullmatch(whole)] == []


def test_places_are_numbered_in_order_stand_apart_and_are_the_same_in_both_languages() -> None:
    for english, russian in BOOK.items():
        places = PLACE.findall(english)
        assert places == [str(place) for place in range(len(places))], english
        assert "}{" not in english, english
        assert sorted(PLACE.findall(russian)) == sorted(places), english
        assert re.sub(r"\{\d+\}", "", english).count("{") == 0, english


def test_every_template_is_translated() -> None:
    # What joins two parts has no words of its own.
    assert [text for text, russian in BOOK.items() if not re.search("[А-Яа-яЁё]", russian)] == ["{0}: {1}"]


def test_no_template_stands_twice() -> None:
    written = (STATIC / "texts" / Language.RUSSIAN / PHRASE_BOOK).read_text(encoding="utf-8")
    assert len(json.loads(written, object_pairs_hook=list)) == len(BOOK)
