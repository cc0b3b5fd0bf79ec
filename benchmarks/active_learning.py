"""How many chosen labels are worth 1 000 random ones, and how long choosing takes on 100 000 records.

    python benchmarks/active_learning.py TITLES.csv.gz [--seeds 3] [--rounds 12]

The file has columns text and label. The simulated person knows every label; the learner is TF-IDF with logistic
regression, refitted after every 50 labels; vectors are LSA, as in a project without a named embedder.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union
from sklearn.preprocessing import normalize

from training.lsa import fit_lsa
from workbench.queues.pool import Pool, Strategy
from workbench.queues.strategies import STRATEGIES
from workbench.queues.uncertainty import category_uncertainty

BATCH, GOAL, TRAIN, TEST = 50, 1_000, 10_000, 5_000


class Task:
    """Features, vectors and labels of a training and a test sample."""

    def __init__(self, file: Path) -> None:
        data = pd.read_csv(file).drop_duplicates("text").sample(TRAIN + TEST, random_state=0)
        train, test = data[:TRAIN], data[TRAIN:]
        features = make_union(
            TfidfVectorizer(sublinear_tf=True, min_df=2, max_features=6_000),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=5, sublinear_tf=True, max_features=8_000),
        )
        self.train = normalize(features.fit_transform(train.text)).tocsr()
        self.test = normalize(features.transform(test.text)).tocsr()
        self.vectors = fit_lsa(list(train.text)).encode(list(train.text))
        self.labels, self.test_labels = train.label.to_numpy(), test.label.to_numpy()

    def learn(self, answered: np.ndarray) -> tuple[Any, float]:
        model = LogisticRegression(C=10, max_iter=120, tol=1e-3)
        model.fit(self.train[answered], self.labels[answered])
        return model, float(model.score(self.test, self.test_labels))


def curve(task: Task, strategy: Strategy, seed: int, rounds: int) -> list[float]:
    """Accuracy after 50, 100, … labels."""
    answered = np.empty(0, dtype=np.intp)
    model, accuracies = None, []
    for turn in range(rounds):
        free = np.setdiff1d(np.arange(TRAIN), answered)
        uncertainty = None
        if model is not None:
            uncertainty = category_uncertainty(model.predict_proba(task.train[free]), list(model.classes_))
        pool = Pool(
            count=len(free),
            vectors=task.vectors[free],
            answered=task.vectors[answered],
            uncertainty=uncertainty,
            seed=seed * 100 + turn,
        )
        answered = np.concatenate([answered, free[strategy.pick(pool, BATCH).indices]])
        model, accuracy = task.learn(answered)
        accuracies.append(accuracy)
    return accuracies


def labels_needed(accuracies: np.ndarray, goal: float) -> float:
    """Labels at which the curve first reaches `goal`, interpolated; NaN if it never does."""
    reached = np.flatnonzero(accuracies >= goal)
    if not len(reached):
        return float("nan")
    at = reached[0]
    if at == 0:
        return BATCH
    below, above = accuracies[at - 1], accuracies[at]
    return BATCH * (at + (goal - below) / (above - below))


def efficiency(task: Task, seeds: int, rounds: int) -> None:
    random = STRATEGIES["random"]
    runs = {"random": np.array([curve(task, random, seed, GOAL // BATCH) for seed in range(seeds)])}
    for name in ("margin", "typical-then-margin-kmeans"):
        runs[name] = np.array([curve(task, STRATEGIES[name], seed, rounds) for seed in range(seeds)])
    goal = runs["random"].mean(axis=0)[-1]
    print(f"| strategy | labels to {goal:.3f} | accuracy at 100 | 200 | 300 | 500 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, accuracies in runs.items():
        mean = accuracies.mean(axis=0)
        shown = [f"{mean[n // BATCH - 1]:.3f}" if n // BATCH <= len(mean) else "–" for n in (100, 200, 300, 500)]
        print(f"| {name} | {labels_needed(mean, goal):.0f} | {' | '.join(shown)} |", flush=True)


def speed(count: int = 100_000, size: int = 500) -> None:
    """Seconds to order a queue from random vectors and probabilities."""
    rng = np.random.default_rng(0)
    vectors = normalize(rng.standard_normal((count, 128), dtype=np.float32))
    uncertainty = category_uncertainty(rng.dirichlet(np.full(9, 0.3), count), [f"c{i}" for i in range(9)])
    print(f"\n| strategy | seconds for a queue of {size} from {count} records |\n| --- | --- |")
    for name, champion in (("typical-then-margin-kmeans", None), ("typical-then-margin-kmeans", 60), ("margin", 60)):
        answered = vectors[: champion or 0]
        pool = Pool(count=count, vectors=vectors, answered=answered, uncertainty=uncertainty if champion else None)
        started = time.perf_counter()
        STRATEGIES[name].pick(pool, size)
        state = "with a champion" if champion else "no answers yet"
        print(f"| {name}, {state} | {time.perf_counter() - started:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    efficiency(Task(options.file), options.seeds, options.rounds)
    speed()


if __name__ == "__main__":
    main()
