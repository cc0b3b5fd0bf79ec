"""What a file of predictions looks like: which columns it gets, and what stands in them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.types import Kind
from workbench.files.rows import Row

if TYPE_CHECKING:
    from training.bundle import Answered

CATEGORY, CONFIDENCE, TAGS, TAG_SCORES, NEEDS_REVIEW = "category", "confidence", "tags", "tag_scores", "needs_review"


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The input's columns under the names they have in the output, and those that are added behind them."""

    kept: Mapping[str, str]
    added: tuple[str, ...]

    @classmethod
    def of(cls, source: Sequence[str], kind: Kind, *, review: bool) -> Columns:
        added = (
            *((CATEGORY, CONFIDENCE) if kind.asks_category else ()),
            *((TAGS, TAG_SCORES) if kind.asks_tags else ()),
            *((NEEDS_REVIEW,) if review else ()),
        )
        taken = {*source, *added}
        kept = {}
        for name in source:
            kept[name] = _free_name(name, taken) if name in added else name
            taken.add(kept[name])
        return cls(kept=kept, added=added)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.kept.values(), *self.added)

    def keep(self, row: Row) -> dict[str, Any]:
        """The row's own cells. In a broken row some may be missing, or hold bytes that are shown as such."""
        cells = {new: row.values.get(name) for name, new in self.kept.items()}
        return {name: _writable(value) for name, value in cells.items()} if row.fault else cells


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """Turns a model's answers into the added cells. `min_confidence` empties what is less sure and marks the row.

    `nested` keeps lists as lists, for a format that has them; elsewhere they are JSON text.
    """

    kind: Kind
    min_confidence: float | None
    nested: bool

    def of(self, answered: Answered, rows: int) -> list[dict[str, Any]]:
        """The cells of each of `rows` texts."""
        cells: list[dict[str, Any]] = [{} for _ in range(rows)]
        if self.min_confidence is not None:
            cells = [{NEEDS_REVIEW: False} for _ in range(rows)]
        if self.kind.asks_category:
            self._add_categories(cells, answered)
        if self.kind.asks_tags:
            self._add_tags(cells, answered)
        return cells

    def of_nothing(self) -> dict[str, Any]:
        """For a row that could not be predicted: nothing known, and a person has to look."""
        return {} if self.min_confidence is None else {NEEDS_REVIEW: True}

    def _add_categories(self, cells: list[dict[str, Any]], answered: Answered) -> None:
        confidences = [] if answered.confidences is None else answered.confidences.tolist()
        for row, category, confidence in zip(cells, answered.categories or (), confidences, strict=True):
            row[CATEGORY], row[CONFIDENCE] = category, confidence
            if self._is_below(confidence):
                row[CATEGORY], row[NEEDS_REVIEW] = None, True

    def _add_tags(self, cells: list[dict[str, Any]], answered: Answered) -> None:
        for place, row in enumerate(cells):
            chosen, scores, confidence = tags_of(answered, place)
            row[TAGS], row[TAG_SCORES] = self._list(chosen), self._list(scores)
            if self._is_below(confidence):
                row[TAGS], row[NEEDS_REVIEW] = None, True

    def _is_below(self, confidence: float) -> bool:
        return self.min_confidence is not None and confidence < self.min_confidence

    def _list(self, values: list[Any]) -> Any:
        return values if self.nested else json.dumps(values, ensure_ascii=False)


def tags_of(answered: Answered, row: int) -> tuple[list[str], list[float], float]:
    """The tags chosen for a text, most probable first, their probabilities, and how sure that list is.

    It is as sure as its weakest tag; where none is chosen, as "not even the likeliest one". A model without tags is
    not sure at all.
    """
    if answered.tag_scores is None or answered.chosen is None:
        return [], [], 0.0
    scores = answered.tag_scores[row]
    places = sorted(answered.chosen[row].nonzero()[0].tolist(), key=lambda place: -scores[place])
    chosen = [float(scores[place]) for place in places]
    sure = chosen[-1] if chosen else 1.0 - float(scores.max(initial=0.0))
    return [answered.tag_names[place] for place in places], chosen, sure


def _writable(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _free_name(name: str, taken: set[str]) -> str:
    free = f"{name}_input"
    while free in taken:
        free += "_input"
    return free
