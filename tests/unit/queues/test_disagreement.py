"""The queue of what sources disagree about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.queues.disagreement import Disagreement
from workbench.queues.opinions import Opinions, opinions_on
from workbench.queues.pool import Pool

LABELS = ("обувь", "одежда", "посуда")
SOURCES = ("a", "b", "c", "d")
VOTES = [
    [0, 0, 0, 0],
    [0, 0, 1, -1],
    [-1, -1, -1, -1],
    [0, 1, 2, -1],
    [0, 0, 1, 1],
    [2, -1, -1, -1],
]


def pool_of(votes: np.ndarray, seed: int = 0) -> Pool:
    opinions = Opinions(votes=votes, labels=LABELS, sources=SOURCES)
    none = np.zeros((len(votes), 1), dtype=np.float32)
    return Pool(count=len(votes), vectors=none, answered=none[:0], opinions=opinions, seed=seed)


def test_what_sources_disagree_about_most_comes_first_and_says_who_says_what() -> None:
    picked = Disagreement().pick(pool_of(np.array(VOTES)), 10)
    assert picked.indices.tolist()[:3] == [3, 4, 1]
    assert sorted(picked.indices.tolist()[3:]) == [0, 2, 5]
    assert picked.reasons == (
        "disagreement|обувь|a|одежда|b",
        "disagreement|обувь|a, b|одежда|c, d",
        "disagreement|обувь|a, b|одежда|c",
        *("random",) * 3,
    )
    assert picked.scores[0] == pytest.approx(1)
    assert picked.scores.tolist()[3:] == [0, 0, 0]


def test_the_label_with_most_votes_is_named_first() -> None:
    opinions = Opinions(votes=np.array([[0, 2, 2, -1]]), labels=LABELS, sources=SOURCES)
    assert opinions.explain(0) == "disagreement|посуда|b, c|обувь|a"


def test_equals_come_in_an_order_that_the_seed_decides() -> None:
    votes = np.tile([0, 1, -1, -1], (60, 1))
    orders = [Disagreement().pick(pool_of(votes, seed), 60).indices.tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != list(range(60))


def test_without_opinions_the_order_is_random() -> None:
    none = np.zeros((30, 1), dtype=np.float32)
    picked = Disagreement().pick(Pool(count=30, vectors=none, answered=none[:0]), 30)
    assert set(picked.reasons) == {"random"}


@given(arrays(np.int64, st.tuples(st.integers(0, 30), st.just(4)), elements=st.integers(-1, 2)), st.integers(0, 35))
@settings(max_examples=60, deadline=None)
def test_picks_are_distinct_ordered_and_scored(votes: np.ndarray, size: int) -> None:
    picked = Disagreement().pick(pool_of(votes), size)
    assert len(set(picked.indices.tolist())) == len(picked.indices) == min(size, len(votes))
    assert len(picked.reasons) == len(picked.scores) == len(picked.indices)
    assert np.all(np.diff(picked.scores) <= 1e-8)
    assert np.all((picked.scores >= 0) & (picked.scores <= 1 + 1e-9))
    for row, reason in zip(picked.indices, picked.reasons, strict=True):
        different = len(set(votes[row].tolist()) - {-1})
        assert reason.startswith("disagreement|") == (different > 1)


@given(arrays(np.int64, st.tuples(st.integers(1, 20), st.just(4)), elements=st.integers(-1, 2)))
@settings(max_examples=60, deadline=None)
def test_entropies_are_those_of_the_shares(votes: np.ndarray) -> None:
    found = Opinions(votes=votes, labels=LABELS, sources=SOURCES).entropies()
    for row, entropy in zip(votes, found, strict=True):
        counts = np.unique(row[row >= 0], return_counts=True)[1]
        shares = counts / max(counts.sum(), 1)
        assert entropy == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-12)


def test_opinions_stand_in_the_order_of_the_records_and_others_are_left_out() -> None:
    said = [(7, "llm", "обувь"), (7, "keywords", "одежда"), (9, "llm", "одежда"), (1, "other", "посуда")]
    found = opinions_on([9, 7, 8], said)
    assert (found.sources, found.labels) == (["keywords", "llm"], ["обувь", "одежда"])
    assert found.votes.tolist() == [[-1, 1], [1, 0], [-1, -1]]
