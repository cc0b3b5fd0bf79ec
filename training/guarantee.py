"""Thresholds with a guarantee: what is accepted above one is right at least so often, with a stated confidence. Pure.

Learn-then-Test: Angelopoulos, Bates, Candès, Jordan and Lei 2021, "Learn then Test: Calibrating predictive algorithms
to achieve risk control", with fixed-sequence testing (Bauer 1991) and the exact binomial p-value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]

# Below this the accepted part is so small, or so unlikely to pass, that "not enough labels yet" is the honest answer.
LEAST_ROWS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarantee:
    """What can be promised after looking at `rows` calibration rows.

    With a `threshold`, `accepted` of the rows score at least that much and `right` of these are right; `lower` is the
    one-sided lower end of the precision at the confidence asked for, never below the target. Without one, `accepted`
    and `right` speak of the surest rows, on which the first test failed (0 where there were too few rows for a test),
    and `missing` is how many more rows are needed before there can be a promise at all: 0 where rows were enough, and
    the stage was wrong too often where it was surest.
    """

    threshold: float | None
    rows: int
    accepted: int
    right: int
    lower: float
    missing: int

    @property
    def coverage(self) -> float:
        """The share of the calibration rows that is accepted."""
        return self.accepted / self.rows if self.threshold is not None else 0.0

    @property
    def precision(self) -> float | None:
        return self.right / self.accepted if self.accepted else None


def guaranteed_threshold(
    scores: Floats, correct: Bools, *, target: float, delta: float, least_rows: int = LEAST_ROWS
) -> Guarantee:
    """The lowest threshold on `scores` (n,) whose precision is at least `target`, but for a chance of `delta`.

    `correct` (n,) says which rows are right; the rows are independent draws from what the threshold will be used on.
    Thresholds are tested from strict to loose, from the strictest that could pass at all, each at the full `delta`,
    until the first one fails; so the chance to pass one that breaks the promise is that of the first such. This needs
    no more of the scores than that below a threshold that breaks the promise none keeps it.
    Raises ValueError unless 0 < target < 1 and 0 < delta < 1, or where the shapes differ.
    """
    from scipy.stats import binom

    _check(scores, correct, target, delta)
    rows, needed = len(scores), max(least_rows, rows_needed(target, delta))
    if rows < needed:
        return Guarantee(threshold=None, rows=rows, accepted=0, right=0, lower=0.0, missing=needed - rows)
    thresholds, accepted, wrong = steps(scores, correct)
    first = int(np.searchsorted(accepted, rows_needed(target, delta)))
    fails = np.flatnonzero(binom.cdf(wrong[first:], accepted[first:], 1 - target) > delta)
    last = len(accepted) - 1 if not len(fails) else first + int(fails[0]) - 1
    at = max(first, last)
    n, right = int(accepted[at]), int(accepted[at] - wrong[at])
    return Guarantee(
        threshold=float(thresholds[at]) if last >= first else None,
        rows=rows,
        accepted=n,
        right=right,
        lower=lower_bound(right, n, delta),
        missing=0,
    )


def steps(scores: Floats, correct: Bools) -> tuple[NDArray[np.float64], Ints, Ints]:
    """Every threshold that tells rows apart, strictest first, with how many it accepts and how many of those are wrong.

    `scores` and `correct` are (n,); each result is as long as there are different scores.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = np.asarray(scores[order], dtype=np.float64)
    # Rows of one score are accepted together.
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)])
    return ranked[ends], ends + 1, np.cumsum(~correct[order], dtype=np.int64)[ends]


def rows_needed(target: float, delta: float) -> int:
    """The fewest accepted rows that can show a precision of `target`: all right, n with target ** n ≤ delta."""
    return math.ceil(math.log(delta) / math.log(target) - 1e-9)


def lower_bound(right: int, n: int, delta: float) -> float:
    """One-sided lower end of a share of which `right` of `n` were seen, exact; 0 without rows.

    Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the binomial".
    """
    from scipy.stats import beta

    return float(beta.ppf(delta, right, n - right + 1)) if right else 0.0


def split_budget(delta: float, parts: int) -> float:
    """Each of `parts` promises gets the same share of the error budget: all hold together but for a chance of `delta`.

    Bonferroni's inequality; nothing is asked of how the parts depend on one another.
    """
    return delta / max(1, parts)


def _check(scores: Floats, correct: Bools, target: float, delta: float) -> None:
    if not 0 < target < 1 or not 0 < delta < 1:
        raise ValueError(f"target and delta lie between 0 and 1, got {target} and {delta}")
    if len(scores) != len(correct):
        raise ValueError(f"{len(scores)} scores, but {len(correct)} rows are judged")
