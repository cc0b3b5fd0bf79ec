from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.proposing.log_odds import log_odds

shapes = st.tuples(st.integers(2, 5), st.integers(2, 12))


@st.composite
def usages(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """(counts, background)."""
    shape = draw(shapes)
    counts = draw(arrays(np.float64, shape, elements=st.integers(0, 200).map(float)))
    background = draw(arrays(np.float64, shape[1], elements=st.integers(1, 500).map(float)))
    return counts, background


def test_the_scores_are_those_of_the_formulas_done_by_hand() -> None:
    counts, background = np.array([[8.0, 2.0], [1.0, 9.0]]), np.array([1.0, 3.0])
    # A prior of 4 words gives 1 and 3.
    difference = np.log(9 / 5) - np.log(2 / 12)
    assert log_odds(counts, background, prior_size=4.0)[0, 0] == pytest.approx(difference / np.sqrt(1 / 9 + 1 / 2))


@given(usage=usages(), dice=st.randoms())
def test_scores_go_with_their_groups_and_their_words(usage: tuple[np.ndarray, np.ndarray], dice: object) -> None:
    counts, background = usage
    groups, words = list(range(counts.shape[0])), list(range(counts.shape[1]))
    dice.shuffle(groups)  # type: ignore[attr-defined]
    dice.shuffle(words)  # type: ignore[attr-defined]
    scores = log_odds(counts, background, prior_size=10.0)
    mixed = log_odds(counts[groups][:, words], background[words], prior_size=10.0)
    assert mixed == pytest.approx(scores[groups][:, words])


@given(usage=usages(), times=st.integers(2, 50))
def test_as_often_the_same_counts_are_as_many_roots_surer(usage: tuple[np.ndarray, np.ndarray], times: int) -> None:
    counts, background = usage
    once = log_odds(counts, background, prior_size=10.0)
    often = log_odds(counts * times, background * 3, prior_size=10.0 * times)
    assert often == pytest.approx(once * np.sqrt(times), abs=1e-9)


@given(usage=usages())
def test_two_groups_say_the_opposite_of_one_another(usage: tuple[np.ndarray, np.ndarray]) -> None:
    counts, background = usage
    scores = log_odds(counts[:2], background, prior_size=5.0)
    assert scores[0] == pytest.approx(-scores[1])


@given(usage=usages(), planted=st.integers(30, 500))
def test_a_word_that_one_group_alone_uses_is_found(usage: tuple[np.ndarray, np.ndarray], planted: int) -> None:
    counts, background = usage
    # Groups that else speak alike.
    counts = np.tile(counts[:1], (counts.shape[0], 1))
    column = np.zeros((counts.shape[0], 1))
    column[1] = planted
    scores = log_odds(np.hstack([counts, column]), np.append(background, 1.0), prior_size=10.0)
    assert scores[1].argmax() == counts.shape[1]
    assert scores[1, -1] > 0 > scores[0, -1]


def test_groups_that_speak_alike_are_told_apart_by_nothing() -> None:
    scores = log_odds(np.tile([3.0, 5.0, 40.0], (2, 1)), np.array([1.0, 2.0, 3.0]), prior_size=7.0)
    assert scores == pytest.approx(np.zeros((2, 3)))


def test_a_prior_worth_more_makes_rare_words_less_telling() -> None:
    counts, background = np.array([[3.0, 100.0], [0.0, 100.0]]), np.array([1.0, 99.0])
    little, much = (log_odds(counts, background, prior_size=size)[0, 0] for size in (100.0, 10_000.0))
    assert 0 < much < little


def test_a_language_of_one_word_sets_nobody_apart() -> None:
    assert log_odds(np.array([[3.0], [0.0]]), np.array([1.0]), prior_size=1.0).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(("background", "prior"), [([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)])
def test_a_prior_without_weight_is_refused(background: list[float], prior: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        log_odds(np.ones((2, 2)), np.array(background), prior_size=prior)
