"""Thresholds with a guarantee: the promise is kept as often as it says, and no more is promised than can be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from training.guarantee import Guarantee, guaranteed_threshold, lower_bound, rows_needed, split_budget, steps

POPULATION, DRAWS, TARGET, DELTA = 50_000, 400, 0.95, 0.1
Chance = Callable[[np.ndarray], np.ndarray]
ROWS = st.integers(200, 400).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 30), min_size=n, max_size=n), st.lists(st.integers(0, 19), min_size=n, max_size=n)
    )
)


def plainly(scores: np.ndarray, correct: np.ndarray, target: float, delta: float) -> float | None:
    """The same by going down the thresholds one by one."""
    found = None
    for threshold in sorted(set(scores.tolist()), reverse=True):
        accepted = correct[scores >= threshold]
        if target ** len(accepted) > delta:
            continue
        if binom.cdf((~accepted).sum(), len(accepted), 1 - target) > delta:
            break
        found = threshold
    return found


@settings(deadline=None, max_examples=60)
@given(ROWS, st.sampled_from([0.8, 0.9, 0.95]), st.sampled_from([0.05, 0.1, 0.3]))
def test_it_is_what_going_down_one_by_one_finds(rows: tuple[list[int], list[int]], target: float, delta: float) -> None:
    scores, luck = np.array(rows[0]) / 30, np.array(rows[1])
    correct = luck <= 17 + 4 * scores
    found = guaranteed_threshold(scores, correct, target=target, delta=delta)
    assert found.threshold == plainly(scores, correct, target, delta)
    if found.threshold is None:
        assert found.lower < target
        assert found.coverage == 0
    else:
        accepted = correct[scores >= found.threshold]
        assert (found.accepted, found.right) == (len(accepted), accepted.sum())
        assert found.lower >= target - 1e-9
        assert found.precision is not None
        assert found.precision > target
        assert found.coverage == len(accepted) / len(scores)


def draws(chance: Chance, rows: int, choose: Callable[[np.ndarray, np.ndarray], float | None]) -> list[float]:
    """The true precision of what each of many random calibration draws chooses; 1 where it chooses nothing."""
    generator = np.random.default_rng(0)
    scores = generator.beta(4, 1.5, POPULATION)
    likely = chance(scores)
    precisions = []
    for _ in range(DRAWS):
        drawn = generator.choice(POPULATION, rows, replace=False)
        threshold = choose(scores[drawn], generator.random(rows) < likely[drawn])
        precisions.append(1.0 if threshold is None else float(likely[scores >= threshold].mean()))
    return precisions


def guaranteed(scores: np.ndarray, correct: np.ndarray) -> float | None:
    return guaranteed_threshold(scores, correct, target=TARGET, delta=DELTA).threshold


def naive(scores: np.ndarray, correct: np.ndarray) -> float | None:
    """The lowest threshold above which that share of the calibration rows is right."""
    thresholds, accepted, wrong = steps(scores, correct)
    holds = np.flatnonzero((wrong <= (1 - TARGET) * accepted) & (accepted >= 10))
    return float(thresholds[holds[-1]]) if len(holds) else None


def steady(scores: np.ndarray) -> np.ndarray:
    """The surer, the righter."""
    return np.minimum(1.0, 0.55 + 0.47 * scores)


def flat(scores: np.ndarray) -> np.ndarray:
    """The score says nothing, and every threshold breaks the promise."""
    return np.full_like(scores, TARGET - 0.002)


def boastful(scores: np.ndarray) -> np.ndarray:
    """Wrong where it is surest, as an overconfident model is; nothing keeps the promise there, and little below."""
    return np.where(scores > 0.95, 0.7, steady(scores))


@pytest.mark.parametrize("chance", [steady, flat, boastful])
@pytest.mark.parametrize("rows", [200, 500])
def test_the_promise_is_broken_no_more_often_than_it_says(chance: Chance, rows: int) -> None:
    broken = np.mean([p < TARGET for p in draws(chance, rows, guaranteed)])
    # Three standard errors of the simulation on top.
    assert broken <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)


def test_a_naive_threshold_breaks_it_far_more_often() -> None:
    assert np.mean([p < TARGET for p in draws(steady, 500, naive)]) > 3 * DELTA


def test_where_the_surest_are_nearly_always_right_most_draws_promise_something() -> None:
    precisions = draws(steady, 500, guaranteed)
    assert np.mean([p < 1.0 for p in precisions]) > 0.5


@pytest.mark.parametrize("rows", [0, 1, 44, 199])
def test_with_too_few_rows_it_says_how_many_are_missing(rows: int) -> None:
    found = guaranteed_threshold(np.linspace(0, 1, rows), np.ones(rows, dtype=bool), target=TARGET, delta=DELTA)
    assert found == Guarantee(threshold=None, rows=rows, accepted=0, right=0, lower=0.0, missing=200 - rows)


def test_a_high_promise_wants_more_rows_than_the_least() -> None:
    assert rows_needed(0.99, 0.1) == 230
    found = guaranteed_threshold(np.linspace(0, 1, 200), np.ones(200, dtype=bool), target=0.99, delta=DELTA)
    assert (found.threshold, found.missing) == (None, 30)


def test_where_it_is_wrong_too_often_though_surest_nothing_is_missing_but_precision() -> None:
    scores = np.linspace(0, 1, 300)
    found = guaranteed_threshold(scores, scores < 0.9, target=TARGET, delta=DELTA)
    assert (found.threshold, found.missing, found.accepted, found.coverage) == (None, 0, rows_needed(TARGET, DELTA), 0)
    assert found.right < found.accepted


def test_all_rows_right_accepts_all_of_them() -> None:
    scores = np.linspace(0.2, 1, 250)
    found = guaranteed_threshold(scores, np.ones(250, dtype=bool), target=TARGET, delta=DELTA)
    assert (found.threshold, found.accepted, found.coverage, found.precision) == (0.2, 250, 1.0, 1.0)


def test_rows_of_one_score_are_accepted_together_or_not_at_all() -> None:
    scores = np.repeat([0.9, 0.5], [150, 150])
    correct = np.concatenate([np.ones(150, dtype=bool), np.zeros(150, dtype=bool)])
    assert guaranteed_threshold(scores, correct, target=TARGET, delta=DELTA).threshold == 0.9
    thresholds, accepted, wrong = steps(scores, correct)
    assert (thresholds.tolist(), accepted.tolist(), wrong.tolist()) == ([0.9, 0.5], [150, 300], [0, 150])


@given(st.floats(0.5, 0.999), st.floats(0.001, 0.5))
def test_the_fewest_rows_are_just_enough(target: float, delta: float) -> None:
    needed = rows_needed(target, delta)
    assert target**needed <= delta * (1 + 1e-6)
    assert needed == 1 or target ** (needed - 1) > delta * (1 - 1e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.3))
def test_the_lower_end_is_where_the_test_turns(case: tuple[int, int], delta: float) -> None:
    right, n = case
    low = lower_bound(right, n, delta)
    assert 0 <= low <= right / n
    if right:
        assert binom.cdf(n - right, n, 1 - low) == pytest.approx(delta, rel=1e-6)


def test_the_budget_is_split_evenly() -> None:
    assert split_budget(0.1, 4) == 0.025
    assert split_budget(0.1, 0) == 0.1


@pytest.mark.parametrize(("target", "delta"), [(0, 0.1), (1, 0.1), (0.9, 0), (0.9, 1)])
def test_a_promise_of_nothing_or_of_all_is_refused(target: float, delta: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        guaranteed_threshold(np.zeros(1), np.ones(1, dtype=bool), target=target, delta=delta)


def test_scores_and_judgements_are_of_the_same_rows() -> None:
    with pytest.raises(ValueError, match="2 scores, but 1 rows"):
        guaranteed_threshold(np.zeros(2), np.ones(1, dtype=bool), target=0.9, delta=0.1)
