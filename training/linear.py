"""Linear models on sparse features, one per label against the rest, as two arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation import Bools
from training.spelling import Csr

# Looser than scikit-learn's default: a quarter faster on 100 000 titles with the same accuracy.
TOLERANCE = 1e-2


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """`weights` (f, k) and `bias` (k,), float32."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, features: Csr) -> NDArray[np.float64]:
        """Features (n, f), sparse or dense → scores (n, k)."""
        return np.asarray(features @ self.weights + self.bias, dtype=np.float64)


def fit_one_against_rest(
    features: Csr, truth: Bools, *, strength: float, boost: NDArray[np.float64], seed: int
) -> LinearModel:
    """A squared-hinge support vector machine per column of `truth` (n, k), on features (n, f).

    `strength` is scikit-learn's C; `boost` (k,) multiplies it for the rows that have the label. A label that all rows
    or none have gets a constant score. Fan et al. 2008, "LIBLINEAR".
    """
    from sklearn.svm import LinearSVC

    weights = np.zeros((features.shape[1], truth.shape[1]), dtype=np.float32)
    bias = np.where(truth.all(axis=0), 1.0, -1.0).astype(np.float32)
    for column in np.flatnonzero(truth.any(axis=0) & ~truth.all(axis=0)):
        costs = {True: float(boost[column]), False: 1.0}
        machine = LinearSVC(C=strength, class_weight=costs, tol=TOLERANCE, random_state=seed)
        machine.fit(features, truth[:, column])
        weights[:, column], bias[column] = machine.coef_[0], machine.intercept_[0]
    return LinearModel(weights=weights, bias=bias)


def balance_of_classes(truth: Bools) -> NDArray[np.float64]:
    """Boosts that give every class of one-hot `truth` (n, k) the same total weight."""
    rows, classes = truth.shape
    return np.asarray(rows / (classes * np.maximum(truth.sum(axis=0), 1)))


def balance_of_answers(truth: Bools) -> NDArray[np.float64]:
    """Boosts that give yes and no the same total weight for each label of `truth` (n, k)."""
    yes = truth.sum(axis=0)
    return np.asarray((len(truth) - yes) / np.maximum(yes, 1))
