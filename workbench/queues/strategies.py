"""In which order records teach most: small interchangeable strategies under the names of their papers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from workbench.queues import reasons
from workbench.queues.disagreement import Disagreement
from workbench.queues.pool import Indices, Picked, Pool, Strategy, Vectors, in_random_order
from workbench.queues.uncertainty import Uncertainty


@dataclass(frozen=True, kw_only=True)
class RandomOrder:
    """Every record with the same chance: what the others must beat."""

    name: str = "random"
    needs_vectors: bool = False
    needs_scores: bool = False
    needs_opinions: bool = False

    def pick(self, pool: Pool, size: int) -> Picked:
        return in_random_order(np.arange(pool.count), size, pool.seed)


@dataclass(frozen=True, kw_only=True)
class Margin:
    """The least margin first (Scheffer, Decomain and Wrobel 2001); random where there is no champion."""

    name: str = "margin"
    needs_vectors: bool = False
    needs_scores: bool = True
    needs_opinions: bool = False

    def pick(self, pool: Pool, size: int) -> Picked:
        rows = np.arange(pool.count)
        if pool.uncertainty is None:
            return in_random_order(rows, size, pool.seed)
        return _explained(pool.uncertainty, _least(pool.uncertainty.margins, rows, size))


@dataclass(frozen=True, kw_only=True)
class TypicalThenMarginKMeans:
    """Typical texts until people have answered `first`, then diverse ones among the most uncertain.

    The start follows TypiClust (Hacohen, Dekel and Weinshall 2022, "Active learning on a budget"): the most typical
    text of each of the largest clusters that have no answer yet. The rest follows Zhdanov 2019, "Diverse mini-batch
    active learning": the `beta` times as many records of least margin are clustered by k-means and each cluster gives
    its most uncertain one. Without a champion the rest is random.

    A queue is longer than the `batch` for which this was measured, so its picks are clustered once more, coarsely, and
    taken from these clusters in turn: any beginning of the queue is diverse too.
    """

    name: str = "typical-then-margin-kmeans"
    needs_vectors: bool = True
    needs_scores: bool = True
    needs_opinions: bool = False
    first: int = 50
    beta: int = 10
    batch: int = 50
    most_clusters: int = 1_000

    def pick(self, pool: Pool, size: int) -> Picked:
        start = typical(pool, min(size, max(0, self.first - len(pool.answered))))
        rows = np.setdiff1d(np.arange(pool.count), start.indices, assume_unique=True)
        left = size - len(start.indices)
        if pool.uncertainty is None:
            return start.then(in_random_order(rows, left, pool.seed))
        chosen = self._diverse(pool, pool.uncertainty.margins, rows, min(left, self.most_clusters))
        rest = np.setdiff1d(rows, chosen, assume_unique=True)
        tail = _least(pool.uncertainty.margins, rest, left - len(chosen))
        return start.then(_explained(pool.uncertainty, np.concatenate([chosen, tail])))

    def _diverse(self, pool: Pool, margins: NDArray[np.floating], rows: Indices, size: int) -> Indices:
        candidates = _least(margins, rows, self.beta * size)
        if len(candidates) <= size:
            return candidates
        fine = _in_turn(_cluster(pool.vectors[candidates], size, pool.seed), margins[candidates])
        chosen = candidates[fine[:size]]
        if size <= self.batch:
            return chosen
        return chosen[_in_turn(_cluster(pool.vectors[chosen], self.batch, pool.seed), margins[chosen])]


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy for strategy in (TypicalThenMarginKMeans(), Margin(), Disagreement(), RandomOrder())
}


def get_strategy(name: str) -> Strategy:
    """Raises UserError naming the strategies there are."""
    if name not in STRATEGIES:
        raise UserError(f"no queue strategy {name!r}; strategies: {', '.join(STRATEGIES)}")
    return STRATEGIES[name]


def typical(pool: Pool, size: int, *, neighbours: int = 20, most_clusters: int = 500) -> Picked:
    """At most `size` texts that each stand for a dense cluster without an answer, the largest cluster first.

    A score is the cluster's share of the pool. With fewer clusters than `size`, they give a text in turn.
    """
    if size <= 0 or not pool.count:
        return _nothing()
    count = min(len(pool.answered) + size, most_clusters)
    cluster = _cluster(np.concatenate([pool.vectors, pool.answered]), count, pool.seed)
    own, answered = cluster[: pool.count], cluster[pool.count :]
    members = np.bincount(own, minlength=count)
    order = np.lexsort((-members, np.bincount(answered, minlength=count)))
    order = order[members[order] > 0][:size]
    ranked = [_by_typicality(pool.vectors, np.flatnonzero(own == j), neighbours, pool.seed)[:size] for j in order]
    turns = [(turn, place) for place, rows in enumerate(ranked) for turn in range(len(rows))]
    picks = np.array([ranked[place][turn] for turn, place in sorted(turns)[:size]], dtype=np.intp)
    return Picked(
        indices=picks,
        scores=members[own[picks]] / pool.count,
        reasons=tuple(reasons.typical(int(members[own[row]])) for row in picks),
    )


def _by_typicality(vectors: Vectors, rows: Indices, neighbours: int, seed: int, *, most: int = 2_000) -> Indices:
    """`rows`, or a sample of `most`, by the inverse of the mean distance to the nearest neighbours among them."""
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    near = min(neighbours, len(rows) - 1)
    if near < 1:
        return rows
    chosen = vectors[rows]
    squared = np.maximum(2 - 2 * (chosen @ chosen.T), 0)
    np.fill_diagonal(squared, 0)
    distances = np.sqrt(np.partition(squared, near, axis=1)[:, : near + 1]).sum(axis=1) / near
    # A zero vector is a text without any known word: like nothing, so typical of nothing.
    distances[~chosen.any(axis=1)] = np.inf
    return rows[np.argsort(distances, kind="stable")]


def _in_turn(cluster: Indices, margins: NDArray[np.floating]) -> Indices:
    """Rows so that each cluster gives its least margin, then each its second least, and so on."""
    order = np.lexsort((margins, cluster))
    starts = np.searchsorted(cluster[order], cluster[order])
    turn = np.empty(len(order), dtype=np.intp)
    turn[order] = np.arange(len(order)) - starts
    return np.lexsort((margins, turn))


def _cluster(vectors: Vectors, count: int, seed: int) -> Indices:
    """The k-means cluster of each row, in 0..count-1; some may stay empty."""
    from sklearn.cluster import MiniBatchKMeans

    if len(vectors) <= count:
        return np.arange(len(vectors))
    means = MiniBatchKMeans(count, random_state=seed, n_init=1, batch_size=1024, max_iter=30)
    return np.asarray(means.fit_predict(vectors), dtype=np.intp)


def _least(margins: NDArray[np.floating], rows: Indices, size: int) -> Indices:
    """The `size` rows of least margin, least first."""
    values = margins[rows]
    if 0 < size < len(rows):
        nearest = np.argpartition(values, size - 1)[:size]
        return rows[nearest[np.argsort(values[nearest], kind="stable")]]
    return rows[np.argsort(values, kind="stable")][: max(size, 0)]


def _explained(uncertainty: Uncertainty, rows: Indices) -> Picked:
    scores = 1 - np.asarray(uncertainty.margins[rows], dtype=np.float64)
    return Picked(indices=rows, scores=scores, reasons=tuple(uncertainty.explain(int(row)) for row in rows))


def _nothing() -> Picked:
    return Picked(indices=np.empty(0, dtype=np.intp), scores=np.empty(0), reasons=())
