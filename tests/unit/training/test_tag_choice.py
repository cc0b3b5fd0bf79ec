"""From tag scores to one to six tags."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.tag_choice import MOST_TAGS, choose_tags, indicator, tune_threshold

SCORES = arrays(np.float64, st.tuples(st.integers(1, 15), st.integers(1, 12)), elements=st.floats(0, 1))


@settings(deadline=None)
@given(SCORES, st.floats(0, 1))
def test_a_row_gets_one_to_six_tags_and_the_best_is_among_them(scores: np.ndarray, threshold: float) -> None:
    chosen = choose_tags(scores, threshold)
    counts = chosen.sum(axis=1)
    assert (counts >= 1).all()
    assert (counts <= MOST_TAGS).all()
    assert chosen[np.arange(len(scores)), scores.argmax(axis=1)].all()
    lowest = np.where(chosen, scores, np.inf).min(axis=1)
    left = np.where(chosen, -np.inf, scores).max(axis=1)
    assert (lowest >= left).all()


def test_a_tag_outside_the_catalogue_is_never_chosen() -> None:
    scores = np.array([[np.nan, 0.01, np.nan], [np.nan, np.nan, np.nan]])
    assert choose_tags(scores, 0.5).tolist() == [[False, True, False], [False, False, False]]


def test_the_threshold_finds_the_gap_between_right_and_wrong() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random((300, 8)) < 0.4
    scores = np.where(truth, generator.uniform(0.35, 0.9, truth.shape), generator.uniform(0.0, 0.25, truth.shape))
    assert 0.25 <= tune_threshold(scores, truth) <= 0.36


def test_tags_become_columns_and_unknown_ones_are_left_out() -> None:
    assert indicator([("b", "x"), ()], ("a", "b")).tolist() == [[False, True], [False, False]]
