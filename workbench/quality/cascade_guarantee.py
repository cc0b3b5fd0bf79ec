"""A guarantee for every stage of a cascade, each for the records that the earlier ones leave to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from db.types import Stage
from training.guarantee import LEAST_ROWS, Guarantee, guaranteed_threshold, split_budget
from training.intervals import wilson
from workbench.quality.calibration_rows import JudgedRows


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """Of `n` rows that a stage would accept, `right` are right; with Wilson's 95 % interval."""

    n: int
    right: int
    low: float
    high: float


def stages_with_proposals(order: Sequence[Stage], rows: Sequence[JudgedRows]) -> list[Stage]:
    """The stages, in their order, that have proposed anything for these rows."""
    return [stage for stage in order if any((~np.isnan(part.scores[stage])).any() for part in rows)]


def budget(stages: Sequence[Stage], calibration: JudgedRows, delta: float) -> float:
    """What each stage may use of the error budget.

    It is split over those that have proposals for enough rows; to know that, no label is looked at.
    """
    able = [stage for stage in stages if (~np.isnan(calibration.scores[stage])).sum() >= LEAST_ROWS]
    return split_budget(delta, len(able))


def guarantee_stages(
    stages: Sequence[Stage], calibration: JudgedRows, current: Mapping[Stage, float], *, target: float, delta: float
) -> dict[Stage, Guarantee]:
    """What can be promised of each stage; `delta` is what each may use of the error budget.

    A stage is judged by the rows that no earlier one settles: under the threshold just found where there is one, else
    under the `current` one, which stays in force. That the earlier stage's threshold was found with the same rows takes
    nothing from the promise: its test reads the labels from the surest row down and stops at the first failure, so of
    the rows it leaves to others it has read those of the failing step at most.
    """
    found: dict[Stage, Guarantee] = {}
    left = np.ones(calibration.rows, dtype=bool)
    for stage in stages:
        scores = calibration.scores[stage]
        mine = left & ~np.isnan(scores)
        found[stage] = guaranteed_threshold(scores[mine], calibration.right[stage][mine], target=target, delta=delta)
        threshold = found[stage].threshold
        left &= ~(scores >= (current[stage] if threshold is None else threshold))
    return found


def check_stages(stages: Sequence[Stage], rows: JudgedRows, thresholds: Mapping[Stage, float]) -> dict[Stage, Checked]:
    """How often each stage is right on what it settles of `rows` under these thresholds, one after the other."""
    found: dict[Stage, Checked] = {}
    left = np.ones(rows.rows, dtype=bool)
    for stage in stages:
        mine = left & (rows.scores[stage] >= thresholds[stage])
        n, right = int(mine.sum()), int(rows.right[stage][mine].sum())
        low, high = wilson(right, n)
        found[stage] = Checked(n=n, right=right, low=low, high=high)
        left &= ~mine
    return found
