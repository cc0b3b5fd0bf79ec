"""What a file of predictions looks like: which columns it gets, and what stands in them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.types import Kind
from workbench.files.rows import Row
from workbench.serving.models import Prediction

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
        """The row's own cells; what is missing in a broken row stays empty."""
        return {new: row.values.get(name) for name, new in self.kept.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """Turns a prediction into the added cells. `min_confidence` empties what is less sure and marks the row.

    `nested` keeps lists as lists, for a format that has them; elsewhere they are JSON text.
    """

    kind: Kind
    min_confidence: float | None
    nested: bool

    def of(self, prediction: Prediction) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        unsure = False
        if self.kind.asks_category:
            weak = self._below(prediction.confidence)
            cells[CATEGORY] = None if weak else prediction.category
            cells[CONFIDENCE] = prediction.confidence
            unsure = weak
        if self.kind.asks_tags:
            weak = self._below(tags_confidence(prediction))
            cells[TAGS] = None if weak else self._list(list(prediction.tags))
            cells[TAG_SCORES] = self._list([prediction.tag_scores[tag] for tag in prediction.tags])
            unsure = unsure or weak
        if self.min_confidence is not None:
            cells[NEEDS_REVIEW] = unsure
        return cells

    def of_nothing(self) -> dict[str, Any]:
        """For a row that could not be predicted: nothing known, and a person has to look."""
        return {} if self.min_confidence is None else {NEEDS_REVIEW: True}

    def _below(self, confidence: float | None) -> bool:
        return self.min_confidence is not None and (confidence is None or confidence < self.min_confidence)

    def _list(self, values: list[Any]) -> Any:
        return values if self.nested else json.dumps(values, ensure_ascii=False)


def tags_confidence(prediction: Prediction) -> float | None:
    """How sure a list of tags is: as its weakest tag; where none is chosen, as "not even the likeliest one"."""
    if prediction.tags:
        return min(prediction.tag_scores[tag] for tag in prediction.tags)
    return 1.0 - max(prediction.tag_scores.values()) if prediction.tag_scores else None


def _free_name(name: str, taken: set[str]) -> str:
    free = f"{name}_input"
    while free in taken:
        free += "_input"
    return free
