"""How undecided a model is about each record: from its probabilities to one margin a record. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.queues import reasons

CLOSEST_TAGS = 3
Floats = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """Margins (n,) in 0..1, 0 where the model is wholly undecided; `explain` gives the reason code of one row."""

    margins: Floats
    explain: Callable[[int], str]


def category_uncertainty(probabilities: Floats, categories: Sequence[str]) -> Uncertainty:
    """Probability of the first category less that of the second; probabilities are (n, c).

    Scheffer, Decomain and Wrobel 2001, "Active hidden Markov models for information extraction".
    """
    if probabilities.shape[1] < 2:
        return Uncertainty(margins=np.ones(len(probabilities)), explain=lambda _: reasons.RANDOM)
    top = np.argpartition(-probabilities, 1, axis=1)[:, :2]
    values = np.take_along_axis(probabilities, top, axis=1)

    def explain(row: int) -> str:
        first, second = sorted(zip(values[row], top[row], strict=True), reverse=True)
        return reasons.margin(categories[first[1]], float(first[0]), categories[second[1]], float(second[0]))

    return Uncertainty(margins=np.abs(values[:, 0] - values[:, 1]), explain=explain)


def tag_uncertainty(scores: Floats, tags: Sequence[str], threshold: float) -> Uncertainty:
    """Mean distance of the few closest tags to the threshold, scaled to 0..1; scores are (n, t).

    NaN marks tags that a record's catalogue does not have; a record without any tag has nothing to be unsure of.
    """
    if not tags:
        return Uncertainty(margins=np.ones(len(scores)), explain=lambda _: reasons.RANDOM)
    distances = np.abs(scores - threshold)
    distances = np.where(np.isnan(distances), np.inf, distances)
    few = min(CLOSEST_TAGS, len(tags))
    closest = np.partition(distances, few - 1, axis=1)[:, :few]
    known = np.isfinite(closest)
    sums = np.where(known, closest, 0).sum(axis=1)
    counts = known.sum(axis=1)
    margins = np.where(counts > 0, sums / np.maximum(counts, 1) / max(threshold, 1 - threshold), 1.0)

    def explain(row: int) -> str:
        if not counts[row]:
            return reasons.RANDOM
        tag = int(distances[row].argmin())
        return reasons.uncertain_tag(tags[tag], float(scores[row, tag]), threshold)

    return Uncertainty(margins=margins, explain=explain)


def both_uncertain(one: Uncertainty, other: Uncertainty) -> Uncertainty:
    """The mean of the two ranks, since margins of categories and of tags are on scales of their own."""
    ranks = np.stack([_ranks(one.margins), _ranks(other.margins)])

    def explain(row: int) -> str:
        return (one, other)[int(ranks[:, row].argmin())].explain(row)

    return Uncertainty(margins=ranks.mean(axis=0), explain=explain)


def _ranks(margins: Floats) -> Floats:
    """Ranks scaled to 0..1, equal ones for equal margins."""
    if not len(margins):
        return np.empty(0)
    values, place = np.unique(margins, return_inverse=True)
    return place / max(len(values) - 1, 1)
