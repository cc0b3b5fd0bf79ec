"""Scores of tags → the tags a model answers: one to six, the best one where none passes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from training.evaluation import Bools, Floats

MOST_TAGS = 6
GRID = np.linspace(0.05, 0.95, 91)


def choose_tags(scores: Floats, threshold: float | Floats, most: int = MOST_TAGS) -> Bools:
    """Scores (n, k) → chosen (n, k): at most `most` a row that reach `threshold` (one, or (n,)), NaN never."""
    order = np.argsort(-scores, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(scores.shape[1]), scores.shape), axis=1)
    least = np.asarray(threshold, dtype=float).reshape(-1, 1)
    return ((scores >= least) & (rank < most) | (rank == 0)) & ~np.isnan(scores)


def tune_threshold(scores: Floats, truth: Bools, grid: Iterable[float] = GRID) -> float:
    """The one threshold in `grid` with the best micro F1 of `choose_tags` on (n, k); the middle of the best ones."""
    values = np.asarray(list(grid))
    found = np.array([_micro_f1(choose_tags(scores, t), truth) for t in values])
    # The curve is flat and jagged around its top; its smoothed top travels better to unseen rows.
    smooth = np.convolve(np.pad(found, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(np.median(values[smooth >= smooth.max() - 1e-12]))


def _micro_f1(chosen: Bools, truth: Bools) -> float:
    total = int(chosen.sum()) + int(truth.sum())
    return 2 * int((chosen & truth).sum()) / total if total else 0.0


def indicator(answers: Iterable[Iterable[str]], names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Lists of tags → (n, k) yes/no over `names`; a tag that is not among them is left out."""
    places = {name: place for place, name in enumerate(names)}
    rows = [[places[tag] for tag in tags if tag in places] for tags in answers]
    found = np.zeros((len(rows), len(names)), dtype=bool)
    for row, columns in enumerate(rows):
        found[row, columns] = True
    return found
