"""What a queue asks of a champion: scores for texts, as matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from db.types import Record
from workbench.queues.uncertainty import Uncertainty, both_uncertain, category_uncertainty, tag_uncertainty

CHUNK = 4_000
Progress = Callable[[int, float], None]


class Predictions(Protocol):
    """Scores of n texts: probabilities (n, c), tag scores (n, t) with NaN where a catalogue lacks the tag.

    None where the project does not ask for categories, or not for tags.
    """

    @property
    def categories(self) -> Sequence[str]: ...

    @property
    def probabilities(self) -> NDArray[np.floating] | None: ...

    @property
    def tags(self) -> Sequence[str]: ...

    @property
    def tag_scores(self) -> NDArray[np.floating] | None: ...


class Predictor(Protocol):
    """A loaded champion. `categories` are the known ones, which route tags."""

    @property
    def version(self) -> str: ...

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Predictions: ...


def uncertainty_of(
    predictor: Predictor, records: Sequence[Record], tag_threshold: float, progress: Progress
) -> Uncertainty | None:
    """How undecided the champion is about each record; None if there is no record, or it gives no scores."""
    parts = []
    for start in range(0, len(records), CHUNK):
        chunk = records[start : start + CHUNK]
        parts.append(predictor.predict([record.text for record in chunk], [record.category for record in chunk]))
        progress(start + len(chunk), (start + len(chunk)) / len(records))
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    scores = [part.tag_scores for part in parts if part.tag_scores is not None]
    kinds = []
    if probabilities:
        kinds.append(category_uncertainty(np.concatenate(probabilities), parts[0].categories))
    if scores:
        kinds.append(tag_uncertainty(np.concatenate(scores), parts[0].tags, tag_threshold))
    if len(kinds) == 2:
        return both_uncertain(kinds[0], kinds[1])
    return kinds[0] if kinds else None
