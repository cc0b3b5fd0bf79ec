"""A row of a file becomes a candidate record, or a reason why it cannot. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.label_sets import MAX_NAME
from db.records import identity
from db.types import Answer, Kind
from workbench.exchange.cleaning import clean
from workbench.exchange.requests import ImportRequest, ProposalColumn
from workbench.files.rows import Row, as_text

MAX_TEXT = 100_000


class RowFault(ValueError):
    """Why a row is rejected, in words for the person who made the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedAnswer:
    """An answer that came with the row, from a column of proposals."""

    source: str
    answer: Answer
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that can become a record."""

    row: Row
    external_id: str
    text: str
    original_text: str | None
    group: str | None
    category: str | None
    attributes: dict[str, str] | None
    answer: Answer | None
    proposals: tuple[SourcedAnswer, ...]
    identity: Mapping[str, Any]


class RowParser:
    """Reads rows as one request says; `attribute_columns` are all the others, kept with the record."""

    def __init__(self, request: ImportRequest, kind: Kind, columns: tuple[str, ...]) -> None:
        self._request = request
        self._kind = kind
        used = set(request.columns)
        self._attribute_columns = [name for name in columns if name and name not in used]

    def __call__(self, row: Row) -> Candidate:
        """Raises RowFault."""
        if row.fault:
            raise RowFault(row.fault)
        request = self._request
        raw = _storable(row.values, request.text_column)
        text = clean(raw, request.cleaning) if request.cleaning else raw
        if not text.strip():
            raise RowFault("empty text")
        if len(text) > MAX_TEXT:
            raise RowFault(f"the text has {len(text):,} characters; at most {MAX_TEXT:,} are taken".replace(",", " "))
        group = self._name(row, request.group_column)
        facts = identity(text, group)
        return Candidate(
            row=row,
            external_id=facts["text_key"] if request.id_column is None else self._id(row, request.id_column),
            text=text,
            original_text=raw if raw != text else None,
            group=group,
            category=self._name(row, request.category_column),
            attributes=self._attributes(row),
            answer=self._answer(row),
            proposals=tuple(p for column in request.proposal_columns if (p := self._proposal(row, column)) is not None),
            identity=facts,
        )

    def _id(self, row: Row, column: str) -> str:
        value = self._name(row, column)
        if value is None:
            raise RowFault(f"empty id in column {column!r}")
        return value

    def _name(self, row: Row, column: str | None) -> str | None:
        if column is None:
            return None
        value = _storable(row.values, column).strip()
        if len(value) > MAX_NAME:
            raise RowFault(f"column {column!r} has {len(value)} characters; at most {MAX_NAME} are taken")
        return value or None

    def _attributes(self, row: Row) -> dict[str, str] | None:
        found = {name: _storable(row.values, name) for name in self._attribute_columns}
        return {name: value for name, value in found.items() if value} or None

    def _answer(self, row: Row) -> Answer | None:
        """The label that came with the row.

        Where a category is asked, a row with one and an empty tags cell says "no tags"; where only tags are asked, an
        empty cell says "not labelled" and `[]` says "no tags".
        """
        request = self._request
        category = self._name(row, request.labels_column)
        tags = None if request.tags_column is None else parse_tags(row.values.get(request.tags_column))
        if category is not None:
            return Answer(category, tags or () if request.tags_column else None)
        return None if tags is None else Answer(None, tags)

    def _proposal(self, row: Row, column: ProposalColumn) -> SourcedAnswer | None:
        value = row.values.get(column.column)
        score = _score(row, column.score_column)
        if self._kind is Kind.TAGS:
            tags = parse_tags(value)
            return None if tags is None else SourcedAnswer(source=column.source, answer=Answer(None, tags), score=score)
        category = self._name(row, column.column)
        return None if category is None else SourcedAnswer(source=column.source, answer=Answer(category), score=score)


def parse_tags(value: object) -> tuple[str, ...] | None:
    """Tags from a list, a JSON list, or text separated by ; or |; None for an empty cell. Raises RowFault."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise RowFault(f"tags are not a JSON list: {str(value)[:60]!r}") from None
    if isinstance(value, list | tuple):
        names = [as_text(entry).strip() for entry in value]
    else:
        text = as_text(value).strip()
        if not text:
            return None
        names = [name.strip() for name in text.replace("|", ";").split(";")]
    names = list(dict.fromkeys(name for name in names if name))
    for name in names:
        _check_storable(name, "tags")
        if len(name) > MAX_NAME:
            raise RowFault(f"a tag of {len(name)} characters; at most {MAX_NAME} are taken")
    return tuple(names)


def _score(row: Row, column: str | None) -> float | None:
    text = "" if column is None else as_text(row.values.get(column)).strip()
    if not text:
        return None
    try:
        score = float(text.replace(",", "."))
    except ValueError:
        score = math.nan
    if not 0.0 <= score <= 1.0:
        raise RowFault(f"score {text[:20]!r} in column {column!r} is not a number from 0 to 1")
    return score


def _storable(values: Mapping[str, object], column: str) -> str:
    value = as_text(values.get(column))
    _check_storable(value, column)
    return value


def _check_storable(value: str, column: str) -> None:
    if "\x00" in value:
        raise RowFault(f"a NUL byte in column {column!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RowFault(f"broken characters in column {column!r}") from None
