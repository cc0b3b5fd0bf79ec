"""What the quick recipes share."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.recipes.fitting import out_of_fold, stratified_folds


@settings(deadline=None)
@given(arrays(np.int64, st.integers(1, 80), elements=st.integers(0, 4)), st.integers(2, 6), st.integers(0, 99))
def test_every_class_is_dealt_evenly_over_the_folds(truth: np.ndarray, folds: int, seed: int) -> None:
    fold = stratified_folds(truth, folds, seed)
    for label in np.unique(truth):
        counts = np.bincount(fold[truth == label], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_no_row_is_scored_by_a_model_that_saw_it() -> None:
    truth = np.arange(23) % 3

    def fit_on(chosen: np.ndarray) -> object:
        def score(held: np.ndarray) -> np.ndarray:
            assert not set(held) & set(chosen)
            return np.ones((len(held), 3))

        return score

    scores = out_of_fold(truth, 3, fit_on, seed=0, progress=lambda *_: None)
    assert (scores == 1).all()
