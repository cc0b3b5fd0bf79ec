"""Predictions against the truth: scores per class and overall, and how sure we can be of them. Pure.

Everything is computed from per-row counts and row weights, so that a bootstrap is one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]
# Row weights (b, n) → one score per row of weights (b,).
Statistic = Callable[[Floats], NDArray[np.float64]]

RESAMPLES = 1000
_CHUNK_CELLS = 4_000_000


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    name: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True, kw_only=True)
class CategoryReport:
    """Averages run over the classes that occur in the truth or among the predictions."""

    classes: tuple[ClassScore, ...]
    accuracy: float
    macro_f1: float
    weighted_f1: float
    rows: int


@dataclass(frozen=True, kw_only=True)
class TagsReport:
    classes: tuple[ClassScore, ...]
    micro_f1: float
    macro_f1: float
    precision_at_3: float
    recall_at_3: float
    exact_match: float
    rows: int


def category_report(truth: Ints, predicted: Ints, names: Sequence[str]) -> CategoryReport:
    """`truth` and `predicted` (n,) are places in `names`."""
    size = len(names)
    counts = [np.bincount(places, minlength=size) for places in (truth[truth == predicted], truth, predicted)]
    seen = [c for c in _class_scores(counts[0], counts[1], counts[2], names) if c.support or c.predicted]
    return CategoryReport(
        classes=tuple(seen),
        accuracy=float((truth == predicted).mean()) if len(truth) else 0.0,
        macro_f1=_mean([c.f1 for c in seen]),
        weighted_f1=sum(c.f1 * c.support for c in seen) / max(1, len(truth)),
        rows=len(truth),
    )


def tags_report(truth: Bools, chosen: Bools, scores: Floats, names: Sequence[str]) -> TagsReport:
    """`truth`, `chosen` and `scores` are (n, k) over the tags `names`; averages as in `category_report`."""
    hits, asked, given = (truth & chosen).sum(axis=0), truth.sum(axis=0), chosen.sum(axis=0)
    classes = [c for c in _class_scores(hits, asked, given, names) if c.support or c.predicted]
    return TagsReport(
        classes=tuple(classes),
        micro_f1=_f1(int(hits.sum()), int(asked.sum()), int(given.sum())),
        macro_f1=_mean([c.f1 for c in classes]),
        precision_at_3=precision_at(3, truth, scores),
        recall_at_3=recall_at(3, truth, scores),
        exact_match=float((truth == chosen).all(axis=1).mean()) if len(truth) else 0.0,
        rows=len(truth),
    )


def precision_at(k: int, truth: Bools, scores: Floats) -> float:
    """The share of true tags among the k best scored, averaged over rows that have any true tag."""
    return _mean([hits / k for hits, _ in _hits_at(k, truth, scores)])


def recall_at(k: int, truth: Bools, scores: Floats) -> float:
    """The share of the true tags that are among the k best scored, averaged over rows that have any true tag."""
    return _mean([hits / true for hits, true in _hits_at(k, truth, scores)])


def confusion(truth: Ints, predicted: Ints, size: int) -> NDArray[np.int64]:
    """Counts (size, size): a row per true class, a column per predicted one."""
    return np.bincount(truth * size + predicted, minlength=size * size).reshape(size, size)


def weighted_f1_statistic(truth: Ints, predicted: Ints) -> Statistic:
    """Weighted F1 as a function of row weights; classes are any integers."""
    counts = _class_counts(truth, predicted)

    def score(weights: Floats) -> NDArray[np.float64]:
        f1, wanted, _ = counts(weights)
        return np.asarray((f1 * wanted).sum(axis=1) / np.maximum(wanted.sum(axis=1), 1e-12))

    return score


def macro_f1_statistic(truth: Ints, predicted: Ints) -> Statistic:
    """Macro F1 as a function of row weights, over the classes that occur in the rows that count."""
    counts = _class_counts(truth, predicted)

    def score(weights: Floats) -> NDArray[np.float64]:
        f1, wanted, offered = counts(weights)
        return np.asarray(f1.sum(axis=1) / np.maximum(((wanted + offered) > 0).sum(axis=1), 1))

    return score


def _class_counts(truth: Ints, predicted: Ints) -> Callable[[Floats], tuple[Floats, Floats, Floats]]:
    """Row weights (b, n) → (F1, support, predicted) of each class, all (b, k)."""
    present = np.unique(np.concatenate([truth, predicted]))
    true, said = truth[:, None] == present, predicted[:, None] == present
    hits, asked, given = ((true & said).astype(float), true.astype(float), said.astype(float))

    def counts(weights: Floats) -> tuple[Floats, Floats, Floats]:
        wanted, offered = weights @ asked, weights @ given
        return 2 * (weights @ hits) / np.maximum(wanted + offered, 1e-12), wanted, offered

    return counts


def micro_f1_statistic(truth: Bools, chosen: Bools) -> Statistic:
    """Micro F1 of tags (n, k) as a function of row weights."""
    hits = (truth & chosen).sum(axis=1).astype(float)
    both = (truth.sum(axis=1) + chosen.sum(axis=1)).astype(float)
    return lambda weights: np.asarray(2 * (weights @ hits) / np.maximum(weights @ both, 1e-12))


def accuracy_statistic(truth: Ints, predicted: Ints) -> Statistic:
    correct = (truth == predicted).astype(float)
    return lambda weights: np.asarray((weights @ correct) / np.maximum(weights.sum(axis=1), 1e-12))


def once(statistic: Statistic, rows: int) -> float:
    """The statistic on the rows as they are."""
    return float(statistic(np.ones((1, rows)))[0])


def resampled(
    statistic: Statistic, rows: int, *, clusters: Ints | None = None, resamples: int = RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Bootstrap replicates (resamples,) of the statistic; the same seed draws the same rows, so differences are paired.

    Rows with the same number in `clusters` (n,) are drawn together: reviews of one product are not independent.
    Efron and Tibshirani 1993, "An introduction to the bootstrap".
    """
    cluster = np.arange(rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    generator = np.random.default_rng(seed)
    found: list[NDArray[np.float64]] = []
    step = max(1, _CHUNK_CELLS // rows)
    for start in range(0, resamples, step):
        draws = [
            np.bincount(generator.integers(0, count, count), minlength=count)[cluster]
            for _ in range(min(step, resamples - start))
        ]
        found.append(statistic(np.asarray(draws, dtype=float)))
    return np.concatenate(found)


def interval(replicates: Floats, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of bootstrap replicates."""
    tail = (1 - level) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return float(low), float(high)


def _hits_at(k: int, truth: Bools, scores: Floats) -> list[tuple[int, int]]:
    rows = np.flatnonzero(truth.any(axis=1))
    best = np.argsort(-scores[rows], axis=1, kind="stable")[:, :k]
    hits = np.take_along_axis(truth[rows], best, axis=1).sum(axis=1)
    return list(zip(hits.tolist(), truth[rows].sum(axis=1).tolist(), strict=True))


def _class_scores(hits: Ints, asked: Ints, given: Ints, names: Sequence[str]) -> list[ClassScore]:
    return [
        ClassScore(
            name=name,
            precision=float(h / g) if g else 0.0,
            recall=float(h / a) if a else 0.0,
            f1=_f1(int(h), int(a), int(g)),
            support=int(a),
            predicted=int(g),
        )
        for name, h, a, g in zip(names, hits, asked, given, strict=True)
    ]


def _f1(hits: int, asked: int, given: int) -> float:
    return 2 * hits / (asked + given) if asked + given else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
