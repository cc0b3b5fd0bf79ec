"""Asking a champion: limits, one call, and an id for every answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.errors import UserError
from db.types import Answer, Kind
from workbench.serving.champion import Champion
from workbench.serving.models import Prediction
from workbench.serving.prediction_ids import issue_ids

MAX_TEXTS = 1_000
MAX_CHARS = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A prediction with the version that made it and the id by which feedback can refer to it."""

    prediction: Prediction
    version: str
    prediction_id: str


def predict(
    champion: Champion,
    texts: Sequence[str],
    categories: Sequence[str | None] | None = None,
    threshold: float | None = None,
) -> list[Served]:
    """One answer per text, in their order.

    Raises UserError naming the text at fault: too many, too long, empty, or not as many categories as texts.
    """
    check_texts(texts, categories)
    if not texts:
        return []
    predictions = champion.predictor.predict(texts, categories, threshold)
    answers = [as_answer(prediction, champion.project.kind) for prediction in predictions]
    ids = issue_ids(champion.project.name, champion.version, texts, answers)
    return [
        Served(prediction=prediction, version=champion.version, prediction_id=issued)
        for prediction, issued in zip(predictions, ids, strict=True)
    ]


def as_answer(prediction: Prediction, kind: Kind) -> Answer:
    """The part of a prediction that the project asks for."""
    return Answer(
        category=prediction.category if kind.asks_category else None,
        tags=tuple(prediction.tags) if kind.asks_tags else None,
    )


def check_texts(texts: Sequence[str], categories: Sequence[str | None] | None) -> None:
    """Raises UserError naming the index at fault and the limit; never the text."""
    if len(texts) > MAX_TEXTS:
        raise UserError(f"texts: {len(texts)} texts, at most {MAX_TEXTS} in one request")
    if categories is not None and len(categories) != len(texts):
        raise UserError(f"categories: {len(categories)} for {len(texts)} texts; give one per text, or none at all")
    for index, text in enumerate(texts):
        if len(text) > MAX_CHARS:
            raise UserError(f"texts[{index}]: {len(text)} characters, at most {MAX_CHARS}")
        if not text or text.isspace():
            raise UserError(f"texts[{index}]: the text is empty")
