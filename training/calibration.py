"""Scores → probabilities that mean what they say. Pure functions on arrays, shared with the floor above.

Temperature scaling and the calibration error are Guo et al. 2017, "On calibration of modern neural networks".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

# Beyond these a temperature only says "all the same" or "one-hot".
MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-3, 1e3
SMALLEST = 1e-12


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Predictions with a confidence in (low, high]: how many, how sure on average, how often right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def softmax(scores: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Scores (n, k) → probabilities (n, k), rows summing to 1."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(scores: Floats) -> NDArray[np.float64]:
    """Scores → probabilities, each by itself; any shape."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(scores, dtype=np.float64) / 2)))


def log_loss(scores: Floats, truth: Ints, temperature: float = 1.0) -> float:
    """Mean negative log-probability of the true columns `truth` (n,) under softmax(scores (n, k) / temperature)."""
    chosen = softmax(scores, temperature)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, SMALLEST)).mean())


def fit_temperature(scores: Floats, truth: Ints) -> float:
    """The temperature under which softmax(scores (n, k)) is least surprised by the columns `truth` (n,).

    Raises ValueError without rows. Ranks, and so predictions, stay as they are.
    """
    from scipy.optimize import minimize_scalar

    if len(truth) == 0:
        raise ValueError("no rows to fit a temperature on")
    low, high = np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE)
    best = minimize_scalar(lambda t: log_loss(scores, truth, float(np.exp(t))), bounds=(low, high), method="bounded")
    return float(np.exp(best.x))


def fit_scaling(scores: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """(slope ≥ 0, intercept) with sigmoid(slope · score + intercept) calibrated on yes/no `truth`, any equal shapes.

    Platt 1999, "Probabilistic outputs for support vector machines", with his softened targets, which keep the fit
    finite where scores separate the answers.
    """
    from scipy.optimize import minimize

    flat, positive = np.asarray(scores, dtype=np.float64).ravel(), truth.ravel()
    yes, no = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (yes + 1) / (yes + 2), 1 / (no + 2))

    def surprise(parameters: Floats) -> tuple[float, Floats]:
        logits = parameters[0] * flat + parameters[1]
        error = sigmoid(logits) - target
        loss = np.logaddexp(0, logits) - target * logits
        return float(loss.mean()), np.array([(error * flat).mean(), error.mean()])

    best = minimize(surprise, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    return float(best.x[0]), float(best.x[1])


def temper(probabilities: Floats, temperature: float) -> NDArray[np.float64]:
    """Probabilities (n, k) made bolder (temperature < 1) or more cautious (> 1); rows sum to 1."""
    return softmax(np.log(np.maximum(probabilities, SMALLEST)), temperature)


def reliability(confidence: Floats, correct: NDArray[np.bool_], bins: int = 10) -> list[ReliabilityBin]:
    """The reliability diagram of predictions with `confidence` (n,) that were `correct` (n,), without empty bins."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    return [
        ReliabilityBin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            count=int((place == b).sum()),
            confidence=float(confidence[place == b].mean()),
            accuracy=float(correct[place == b].mean()),
        )
        for b in np.unique(place)
    ]


def expected_calibration_error(confidence: Floats, correct: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean distance between how sure and how right, over bins weighted by their rows; 0 without rows."""
    if len(confidence) == 0:
        return 0.0
    found = reliability(confidence, correct, bins)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in found) / len(confidence)
