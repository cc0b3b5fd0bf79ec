"""The champion as the rooms above want it: columns for the cascade, matrices for queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.bundle import Answered
    from training.predictor import Predictor


@dataclass(frozen=True)
class Columns:
    """Answers to n texts, one entry a text."""

    answered: Answered
    rows: int

    @cached_property
    def category(self) -> Sequence[str | None]:
        return self.answered.categories or [None] * self.rows

    @cached_property
    def confidence(self) -> Sequence[float | None]:
        confidences = self.answered.confidences
        return [None] * self.rows if confidences is None else confidences.tolist()

    @cached_property
    def probabilities(self) -> Sequence[Mapping[str, float] | None]:
        if self.answered.probabilities is None:
            return [None] * self.rows
        return [dict(zip(self.answered.labels, row, strict=True)) for row in self.answered.probabilities.tolist()]

    @cached_property
    def tags(self) -> Sequence[Sequence[str] | None]:
        return [self.answered.tags(row) if self._has_tags else None for row in range(self.rows)]

    @cached_property
    def tag_scores(self) -> Sequence[Mapping[str, float] | None]:
        return [self.answered.scores_of_tags(row) if self._has_tags else None for row in range(self.rows)]

    @property
    def _has_tags(self) -> bool:
        return self.answered.tag_scores is not None


@dataclass(frozen=True)
class CascadeScorer:
    predictor: Predictor

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Columns:
        return Columns(self.predictor.answer(texts, categories), len(texts))


@dataclass(frozen=True)
class Matrices:
    """Answers to n texts as arrays; a tag that a row's catalogue lacks is NaN."""

    answered: Answered

    @property
    def categories(self) -> Sequence[str]:
        return self.answered.labels

    @property
    def probabilities(self) -> NDArray[np.floating] | None:
        return self.answered.probabilities

    @property
    def tags(self) -> Sequence[str]:
        return self.answered.tag_names

    @property
    def tag_scores(self) -> NDArray[np.floating] | None:
        return self.answered.tag_scores


@dataclass(frozen=True)
class QueueScorer:
    predictor: Predictor

    @property
    def version(self) -> str:
        return self.predictor.version

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Matrices:
        return Matrices(self.predictor.answer(texts, categories))
