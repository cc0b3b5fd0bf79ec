"""Many opinions: majority and Dawid–Skene on votes of sources that err each in its own way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.opinions import chosen, dawid_skene, expected_votes, majority

LABELS = 3
some_votes = st.tuples(st.integers(0, 25), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-1, LABELS - 1))
)


def simulated(
    confusion: np.ndarray, prior: np.ndarray, rows: int, *, silent: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(truth, votes) of sources with these confusion matrices (m, k, k)."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(prior), rows, p=prior)
    votes = np.stack(
        [(rng.random((rows, 1)) > matrix[truth].cumsum(axis=1)).sum(axis=1) for matrix in confusion], axis=1
    )
    votes[rng.random(votes.shape) < silent] = -1
    return truth, votes


PRIOR = np.array([0.6, 0.3, 0.1])
CONFUSION = np.array(
    [
        [[0.9, 0.05, 0.05], [0.1, 0.85, 0.05], [0.1, 0.1, 0.8]],
        [[0.8, 0.1, 0.1], [0.05, 0.9, 0.05], [0.2, 0.1, 0.7]],
        # Calls nearly everything the first label.
        [[0.95, 0.03, 0.02], [0.7, 0.28, 0.02], [0.6, 0.1, 0.3]],
        [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9]],
    ]
)


@given(some_votes)
@settings(max_examples=60, deadline=None)
def test_probabilities_add_up_and_the_objective_never_falls(votes: np.ndarray) -> None:
    found = dawid_skene(votes, LABELS)
    for rows in (found.probabilities, found.confusion, majority(votes, LABELS)):
        np.testing.assert_allclose(rows.sum(axis=-1), 1)
        assert np.all(rows >= 0)
    assert found.prior.sum() == pytest.approx(1)
    assert np.all(np.diff(found.objectives) >= -1e-8)
    assert found.iterations == len(found.objectives) >= 1


@given(some_votes, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_other_orders_of_sources_labels_and_records_only_permute_the_answer(
    votes: np.ndarray, dice: np.random.Generator
) -> None:
    rows, sources, labels = (_shuffled(dice, size) for size in (*votes.shape, LABELS))
    renamed = np.append(np.argsort(labels), -1)[votes]
    plain = dawid_skene(votes, LABELS, tolerance=0, most_iterations=20)
    other = dawid_skene(renamed[rows][:, sources], LABELS, tolerance=0, most_iterations=20)
    # Rounding may end the one an iteration before the other.
    np.testing.assert_allclose(other.probabilities, plain.probabilities[rows][:, labels], atol=1e-5)
    np.testing.assert_allclose(other.prior, plain.prior[labels], atol=1e-5)
    expected = plain.confusion[sources][:, labels][:, :, labels]
    np.testing.assert_allclose(other.confusion, expected, atol=1e-5)


def _shuffled(dice: np.random.Generator, size: int) -> np.ndarray:
    order = list(range(size))
    dice.shuffle(order)
    return np.array(order, dtype=int)


@given(some_votes)
@settings(max_examples=40, deadline=None)
def test_a_row_that_stands_for_several_records_is_that_many_rows(votes: np.ndarray) -> None:
    counts = np.arange(len(votes)) % 3 + 1
    once = dawid_skene(votes, LABELS, weights=counts.astype(float))
    spelt_out = dawid_skene(np.repeat(votes, counts, axis=0), LABELS)
    np.testing.assert_allclose(once.confusion, spelt_out.confusion, atol=1e-7)
    np.testing.assert_allclose(np.repeat(once.probabilities, counts, axis=0), spelt_out.probabilities, atol=1e-7)


def test_the_answer_is_the_same_every_time() -> None:
    _, votes = simulated(CONFUSION, PRIOR, 400)
    np.testing.assert_array_equal(dawid_skene(votes, 3).probabilities, dawid_skene(votes, 3).probabilities)


def test_planted_confusion_matrices_are_found_again() -> None:
    truth, votes = simulated(CONFUSION, PRIOR, 20_000, silent=0.1)
    found = dawid_skene(votes, 3)
    np.testing.assert_allclose(found.confusion, CONFUSION, atol=0.05)
    np.testing.assert_allclose(found.prior, PRIOR, atol=0.03)
    right = (chosen(found.probabilities, found.prior) == truth).mean()
    assert right > (chosen(majority(votes, 3), found.prior) == truth).mean() + 0.01
    assert found.iterations < 200


def test_who_is_mostly_wrong_is_outvoted_even_by_one() -> None:
    noise = np.full((3, 3), 1 / 3)
    good = np.full((3, 3), 0.025) + 0.925 * np.eye(3)
    truth, votes = simulated(np.array([good, good, noise, noise, noise]), np.full(3, 1 / 3), 5_000)
    found = dawid_skene(votes, 3)
    assert (found.probabilities.argmax(axis=1) == truth).mean() > 0.9
    assert found.confusion[0].trace() / 3 > 0.9
    assert found.confusion[3].trace() / 3 < 0.45


def test_of_one_source_alone_the_votes_are_favoured() -> None:
    votes = np.array([[0]] * 5 + [[1]] * 3 + [[2]])
    found = dawid_skene(votes, 3)
    np.testing.assert_array_equal(found.probabilities.argmax(axis=1), votes[:, 0])


def test_a_record_without_votes_gets_the_prior() -> None:
    _, votes = simulated(CONFUSION, PRIOR, 200)
    found = dawid_skene(np.vstack([votes, [[-1] * 4]]), 3)
    np.testing.assert_allclose(found.probabilities[-1], found.prior)
    np.testing.assert_allclose(found.of(np.array([[-1] * 4]))[0], found.prior)


def test_other_votes_of_the_same_sources_are_judged_as_the_first_were() -> None:
    _, votes = simulated(CONFUSION, PRIOR, 300, silent=0.3)
    found = dawid_skene(votes, 3)
    np.testing.assert_allclose(found.of(votes), found.probabilities)


def test_the_majority_keeps_ties_and_knows_the_shares() -> None:
    votes = np.array([[0, 0, 1], [0, 1, -1], [-1, -1, -1], [2, -1, -1]])
    expected = [[2 / 3, 1 / 3, 0], [0.5, 0.5, 0], [0.5, 1 / 3, 1 / 6], [0, 0, 1]]
    np.testing.assert_allclose(majority(votes, 3), expected)
    np.testing.assert_allclose(majority(np.full((2, 2), -1), 4), 0.25)


def test_between_equals_the_more_frequent_label_is_chosen() -> None:
    equal = np.array([[0.5, 0.5, 0.0], [0.2, 0.2, 0.6], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_array_equal(chosen(equal, np.array([0.2, 0.5, 0.3])), [1, 2, 1])


def test_expected_votes_count_every_vote_once() -> None:
    _, votes = simulated(CONFUSION, PRIOR, 500, silent=0.2)
    found = dawid_skene(votes, 3)
    counts = expected_votes(votes, found.probabilities)
    for source in range(4):
        np.testing.assert_allclose(
            counts[source].sum(axis=0), [(votes[:, source] == label).sum() for label in range(3)]
        )
    np.testing.assert_allclose(expected_votes(votes, found.probabilities, np.full(500, 2.0)), 2 * counts)
