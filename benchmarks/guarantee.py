"""What auto-accepting at a guaranteed precision is worth, and how often the guarantee holds, over random splits.

    python benchmarks/guarantee.py TITLES.csv.gz [--labels 300] [--splits 200] [--precision 0.95] [--confidence 0.9]

The file has columns text and label. A model (TF-IDF with logistic regression) learns from a few hundred random labels
and scores the rest. Each split draws calibration rows from the rest, finds a threshold on them, and is judged on all
others: which share is accepted, and how much of that is right. "Naive" takes the lowest threshold above which that
share of the calibration rows is right; the oracle does so on all rows.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from training.guarantee import guaranteed_threshold, steps

CALIBRATION = (200, 300, 500, 1_000)
Chosen = Callable[[NDArray[np.floating], NDArray[np.bool_]], float | None]


def scored(file: Path, labels: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(score, right) of every text that the model did not learn from."""
    data = pd.read_csv(file).drop_duplicates("text")
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), min_df=5, sublinear_tf=True, max_features=30_000
    )
    features, truth = vectorizer.fit_transform(data.text).tocsr(), data.label.to_numpy()
    learnt = np.random.default_rng(seed).choice(len(truth), labels, replace=False)
    model = LogisticRegression(C=10, max_iter=200, tol=1e-3).fit(features[learnt], truth[learnt])
    rest = np.setdiff1d(np.arange(len(truth)), learnt)
    probabilities = model.predict_proba(features[rest])
    return probabilities.max(axis=1), model.classes_[probabilities.argmax(axis=1)] == truth[rest]


def naive(precision: float) -> Chosen:
    def choose(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float | None:
        thresholds, accepted, wrong = steps(scores, right)
        holds = np.flatnonzero((wrong <= (1 - precision) * accepted) & (accepted >= 10))
        return float(thresholds[holds[-1]]) if len(holds) else None

    return choose


def guaranteed(precision: float, confidence: float) -> Chosen:
    def choose(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float | None:
        return guaranteed_threshold(scores, right, target=precision, delta=1 - confidence).threshold

    return choose


def over_splits(
    scores: NDArray[np.float64], right: NDArray[np.bool_], rows: int, splits: int, choose: Chosen
) -> NDArray[np.float64]:
    """(splits, 2): the share accepted and the share of that which is right, on the rows not drawn; NaN if none is."""
    found = []
    for split in range(splits):
        drawn = np.zeros(len(scores), dtype=bool)
        drawn[np.random.default_rng(split).choice(len(scores), rows, replace=False)] = True
        threshold = choose(scores[drawn], right[drawn])
        accepted = np.zeros(len(scores), dtype=bool) if threshold is None else (scores >= threshold) & ~drawn
        found.append((accepted.sum() / (~drawn).sum(), right[accepted].mean() if accepted.any() else np.nan))
    return np.array(found)


def report(options: argparse.Namespace) -> None:
    scores, right = scored(options.file, options.labels, options.seed)
    _, accepted, wrong = steps(scores, right)
    holds = accepted[wrong <= (1 - options.precision) * accepted]
    best = holds[-1] / len(scores) if len(holds) else 0.0
    print(f"model of {options.labels} labels: {right.mean():.3f} right on {len(scores)}; the oracle accepts {best:.3f}")
    print("\n| calibration rows | threshold | accepts | right of it | worst | promise broken | nothing accepted |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    ways = {"guaranteed": guaranteed(options.precision, options.confidence), "naive": naive(options.precision)}
    for rows in CALIBRATION:
        for name, choose in ways.items():
            found = over_splits(scores, right, rows, options.splits, choose)
            share, precision = found[:, 0], found[~np.isnan(found[:, 1]), 1]
            print(
                f"| {rows} | {name} | {share.mean():.3f} | {precision.mean():.4f} | {precision.min():.3f} "
                f"| {(precision < options.precision).sum() / options.splits:.1%} | {(share == 0).mean():.1%} |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--precision", type=float, default=0.95)
    parser.add_argument("--confidence", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=0)
    report(parser.parse_args())


if __name__ == "__main__":
    main()
