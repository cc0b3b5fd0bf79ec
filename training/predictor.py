"""A model by its address → predictions. What the services and the command line use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.types import Kind, LabelSet
from training.registry import find_version, local_bundle

if TYPE_CHECKING:
    from training.bundle import Answered, Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """`category` and `confidence` are None where only tags are asked; `tag_scores` are most probable first."""

    category: str | None
    confidence: float | None
    probabilities: Mapping[str, float]
    tags: tuple[str, ...]
    tag_scores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """One loaded version of a model; it never changes, and many threads may use it at once."""

    name: str
    version: str
    bundle: Bundle

    @property
    def kind(self) -> Kind:
        return self.bundle.kind

    @property
    def label_set(self) -> LabelSet:
        """The label set that the model was trained for."""
        return self.bundle.label_set

    def predict(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> list[Prediction]:
        """One prediction a text, in order. `categories` are known ones and route tags; `threshold` is for tags."""
        answered = self.answer(texts, categories, threshold)
        categories_, confidences = answered.categories, answered.confidences
        probabilities = answered.probabilities
        return [
            Prediction(
                category=None if categories_ is None else categories_[row],
                confidence=None if confidences is None else float(confidences[row]),
                probabilities={}
                if probabilities is None
                else dict(zip(answered.labels, probabilities[row].tolist(), strict=True)),
                tags=answered.tags(row),
                tag_scores=answered.scores_of_tags(row),
            )
            for row in range(len(texts))
        ]

    def answer(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> Answered:
        """The same as arrays, for very many texts."""
        return self.bundle.answer(texts, categories, threshold)


def load_predictor(mlflow_uri: str, address: str) -> Predictor:
    """The model at `address`: "models:/NAME@champion" or "models:/NAME/3".

    Raises UserError naming the address if there is no such model, or its bundle is not complete.
    """
    from training.bundle import load_bundle

    version = find_version(mlflow_uri, address)
    return Predictor(name=version.name, version=version.version, bundle=load_bundle(local_bundle(mlflow_uri, version)))
