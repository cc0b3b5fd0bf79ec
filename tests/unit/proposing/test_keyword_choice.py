from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.proposing.keyword_choice import MOST_TRIED, Minimums, judge, telling

FOLDS, MINIMUMS = 5, Minimums(right=3, precision=0.7, lower=0.5)
shapes = st.tuples(st.just(FOLDS), st.integers(2, 4), st.integers(1, 6))
counted = arrays(np.float64, shapes, elements=st.integers(0, 6))


def test_a_word_that_is_common_in_one_category_alone_tells_it_in_every_fold() -> None:
    by_fold = np.full((FOLDS, 2, 30), 5.0)
    by_fold[:, :, 0] = [9.0, 0.0]
    found = telling(by_fold, by_fold.sum(axis=(0, 1)), mean_words=30.0)
    assert found[:, 0, 0].all()
    assert not found[:, 1, 0].any()


def test_of_many_telling_words_the_most_telling_are_tried() -> None:
    by_fold = np.zeros((FOLDS, 2, 3 * MOST_TRIED))
    by_fold[:, 0, : 2 * MOST_TRIED] = np.arange(1, 2 * MOST_TRIED + 1)
    by_fold[:, 1, 2 * MOST_TRIED :] = 50 * MOST_TRIED
    found = telling(by_fold, by_fold.sum(axis=(0, 1)), mean_words=10.0)
    assert found[:, 0].sum(axis=1).tolist() == [MOST_TRIED] * FOLDS
    assert found[:, 0, 2 * MOST_TRIED - 1].all()


def test_without_words_nothing_is_told() -> None:
    assert telling(np.zeros((FOLDS, 2, 0)), np.zeros(0), mean_words=0.0).shape == (FOLDS, 2, 0)


def test_a_fold_is_judged_by_what_the_others_chose_and_never_by_its_own_choice() -> None:
    by_fold = np.zeros((FOLDS, 2, 1))
    # All that speaks for the word is in one fold: the others choose nothing, so that this one judges nothing.
    by_fold[0, 0, 0] = 50
    judged = judge(np.ones(by_fold.shape, dtype=bool), by_fold, MINIMUMS)
    assert judged.caught.tolist() == [[0, 0]]
    # What is in the one fold that the others' choice is judged by counts, right or wrong.
    by_fold[:, 0, 0] = [2, 2, 2, 2, 0]
    by_fold[4, 1, 0] = 7
    judged = judge(np.ones(by_fold.shape, dtype=bool), by_fold, MINIMUMS)
    assert judged.caught.tolist() == [[0, 7]]


@given(by_fold=counted, dice=st.randoms(use_true_random=False))
def test_what_is_judged_does_not_hang_on_the_folds_own_counts(by_fold: np.ndarray, dice: object) -> None:
    """Taking a fold's texts away changes nothing in whether that fold is asked."""
    tried = np.ones(by_fold.shape, dtype=bool)
    fold = dice.randrange(FOLDS)  # type: ignore[attr-defined]
    without = by_fold.copy()
    without[fold] = 0
    mine = asked(by_fold, tried, fold)
    assert mine == asked(without + only(fold, by_fold.shape), tried, fold)


def asked(by_fold: np.ndarray, tried: np.ndarray, fold: int) -> set[tuple[int, int]]:
    """The pairs that are judged by this fold, seen by marking its texts: here alone they count a million."""
    marked = by_fold.copy()
    marked[fold] += 1_000_000
    judged = judge(tried & only(fold, by_fold.shape).astype(bool), marked, MINIMUMS)
    return {(int(c), int(w)) for c, w in zip(judged.categories, judged.words, strict=True)}


def only(fold: int, shape: tuple[int, ...]) -> np.ndarray:
    marks = np.zeros(shape)
    marks[fold] = 1
    return marks


@given(by_fold=counted)
def test_nothing_is_counted_that_was_not_caught(by_fold: np.ndarray) -> None:
    judged = judge(np.ones(by_fold.shape, dtype=bool), by_fold, MINIMUMS)
    in_all = by_fold.sum(axis=0)
    assert (judged.caught <= in_all[:, judged.words].T).all()
