"""Probabilities, temperatures and the calibration error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.calibration import (
    expected_calibration_error,
    fit_scaling,
    fit_temperature,
    log_loss,
    reliability,
    sigmoid,
    softmax,
    temper,
)

SCORES = arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(2, 6)), elements=st.floats(-50, 50))


@settings(deadline=None, max_examples=40)
@given(SCORES, st.floats(0.05, 20))
def test_softmax_gives_probabilities_and_keeps_the_winner(scores: np.ndarray, temperature: float) -> None:
    found = softmax(scores, temperature)
    assert np.allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()
    best = found[np.arange(len(scores)), scores.argmax(axis=1)]
    assert np.allclose(best, found.max(axis=1))


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, 20, elements=st.floats(-1e6, 1e6)))
def test_sigmoid_never_overflows_and_mirrors(scores: np.ndarray) -> None:
    assert np.allclose(sigmoid(scores) + sigmoid(-scores), 1)


def _overconfident(rows: int = 4000, factor: float = 5.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    honest = generator.normal(size=(rows, 4)) * 2
    truth = np.array([generator.choice(4, p=p) for p in softmax(honest)])
    return honest * factor, truth


def test_the_temperature_undoes_a_known_overconfidence() -> None:
    scores, truth = _overconfident()
    assert fit_temperature(scores, truth) == pytest.approx(5.0, rel=0.1)


def test_the_temperature_is_the_best_of_its_neighbours() -> None:
    scores, truth = _overconfident(500)
    best = fit_temperature(scores, truth)
    assert all(
        log_loss(scores, truth, best) <= log_loss(scores, truth, best * f) + 1e-6 for f in (0.8, 0.95, 1.05, 1.3)
    )


def test_no_rows_have_no_temperature() -> None:
    with pytest.raises(ValueError, match="no rows"):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, dtype=int))


def test_scaling_recovers_slope_and_intercept() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=20_000)
    truth = generator.random(20_000) < sigmoid(2.0 * scores - 1.0)
    assert fit_scaling(scores, truth) == pytest.approx((2.0, -1.0), abs=0.1)


@pytest.mark.parametrize("answer", [True, False])
def test_scaling_stays_finite_where_all_answers_agree(answer: bool) -> None:
    slope, intercept = fit_scaling(np.linspace(-1, 1, 10), np.full(10, answer))
    assert np.isfinite([slope, intercept]).all()
    assert slope >= 0


@settings(deadline=None, max_examples=40)
@given(SCORES)
def test_tempering_by_one_changes_nothing(scores: np.ndarray) -> None:
    probabilities = softmax(scores / 10)
    assert np.allclose(temper(probabilities, 1.0), probabilities)


def test_the_calibration_error_of_a_coin_called_certain_is_a_half() -> None:
    assert expected_calibration_error(np.ones(10), np.arange(10) % 2 == 0) == pytest.approx(0.5)


def test_the_calibration_error_without_rows_is_zero() -> None:
    assert expected_calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) == 0.0


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)), st.integers(1, 20))
def test_every_prediction_falls_into_one_bin(confidence: np.ndarray, bins: int) -> None:
    correct = confidence > 0.5
    found = reliability(confidence, correct, bins)
    assert sum(b.count for b in found) == len(confidence)
    assert all(b.low - 1e-9 <= b.confidence <= b.high + 1e-9 for b in found)
    assert 0 <= expected_calibration_error(confidence, correct, bins) <= 1
