"""Strategies: arrays in, order out."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from workbench.queues.pool import Picked, Pool
from workbench.queues.strategies import STRATEGIES, TypicalThenMarginKMeans, get_strategy, typical
from workbench.queues.uncertainty import category_uncertainty

DIMENSIONS = 8


def a_pool(count: int, *, answered: int = 0, champion: bool = True, seed: int = 0, clusters: int = 4) -> Pool:
    """Points around a few centres, with probabilities of three categories."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((clusters, DIMENSIONS))
    points = centres[rng.integers(0, clusters, count + answered)]
    points = points + 0.1 * rng.standard_normal(points.shape)
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    uncertainty = category_uncertainty(rng.dirichlet(np.ones(3), count), ["a", "b", "c"]) if champion else None
    return Pool(count=count, vectors=points[:count], answered=points[count:], uncertainty=uncertainty)


@pytest.mark.parametrize("name", STRATEGIES)
@given(
    count=st.integers(0, 120),
    size=st.integers(0, 130),
    answered=st.integers(0, 60),
    champion=st.booleans(),
    seed=st.integers(0, 5),
)
@settings(max_examples=40, deadline=None)
def test_picks_are_distinct_and_as_many_as_asked_for(
    name: str, count: int, size: int, answered: int, champion: bool, seed: int
) -> None:
    pool = a_pool(count, answered=answered, champion=champion, seed=seed)
    picked = STRATEGIES[name].pick(pool, size)
    assert len(picked.indices) == len(set(picked.indices.tolist())) == min(size, count)
    assert np.all((picked.indices >= 0) & (picked.indices < count))
    assert len(picked.scores) == len(picked.reasons) == len(picked.indices)
    assert np.all((picked.scores >= 0) & (picked.scores <= 1))


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_pool_gives_the_same_order(name: str) -> None:
    pool = a_pool(300)
    np.testing.assert_array_equal(STRATEGIES[name].pick(pool, 100).indices, STRATEGIES[name].pick(pool, 100).indices)


def test_margin_asks_the_most_undecided_first() -> None:
    pool = a_pool(50)
    picked = get_strategy("margin").pick(pool, 10)
    assert pool.uncertainty is not None
    np.testing.assert_array_equal(picked.indices, np.argsort(pool.uncertainty.margins)[:10])
    assert np.all(np.diff(picked.scores) <= 0)
    assert all(reason.startswith("margin|") for reason in picked.reasons)


@pytest.mark.parametrize("name", ["margin", "typical-then-margin-kmeans"])
def test_without_a_champion_the_rest_is_random(name: str) -> None:
    picked = get_strategy(name).pick(a_pool(80, champion=False), 70)
    assert picked.reasons[-1] == "random"
    assert not any(reason.startswith("margin|") for reason in picked.reasons)


def test_the_first_texts_stand_for_every_large_cluster() -> None:
    pool = a_pool(200, champion=False)
    picked = typical(pool, 4)
    centres = pool.vectors[picked.indices]
    nearest = (pool.vectors @ centres.T).max(axis=1)
    assert nearest.min() > 0.8
    assert sum(int(reason.split("|")[1]) for reason in picked.reasons) == 200
    assert picked.scores.sum() == pytest.approx(1)


def test_clusters_that_have_an_answer_wait() -> None:
    pool = a_pool(200, champion=False)
    known = typical(pool, 2).indices
    again = Pool(count=200, vectors=pool.vectors, answered=pool.vectors[known])
    fresh = typical(again, 2).indices
    assert (pool.vectors[fresh] @ pool.vectors[known].T).max() < 0.8


def test_enough_answers_end_the_typical_start() -> None:
    strategy = TypicalThenMarginKMeans(first=5)
    assert reasons_of(strategy.pick(a_pool(60, answered=2), 10)) == ["typical"] * 3 + ["margin"] * 7
    assert reasons_of(strategy.pick(a_pool(60, answered=5), 10)) == ["margin"] * 10


def reasons_of(picked: Picked) -> list[str]:
    return [reason.split("|")[0] for reason in picked.reasons]


def test_uncertain_picks_spread_over_the_clusters() -> None:
    pool = a_pool(400, answered=60)
    assert pool.uncertainty is not None
    # Nine tenths of the most undecided records are near one another.
    crowd = np.flatnonzero(pool.vectors @ pool.vectors[0] > 0.8)
    pool.uncertainty.margins[crowd] *= 0.01
    few = TypicalThenMarginKMeans(beta=50).pick(pool, 4)
    alike = pool.vectors[few.indices] @ pool.vectors[few.indices].T
    assert np.sort(alike[np.triu_indices(4, 1)])[0] < 0.5
    plain = get_strategy("margin").pick(pool, 4)
    assert set(plain.indices.tolist()) <= set(crowd.tolist())


def test_a_text_like_nothing_else_is_not_typical() -> None:
    pool = a_pool(40, champion=False, clusters=1)
    pool.vectors[:5] = 0
    assert typical(pool, 1).indices[0] >= 5


def test_texts_that_are_all_alike_are_no_trouble() -> None:
    same = np.tile(np.eye(1, DIMENSIONS, dtype=np.float32), (100, 1))
    uncertainty = category_uncertainty(np.full((100, 2), 0.5), ["a", "b"])
    pool = Pool(count=100, vectors=same, answered=same[:60], uncertainty=uncertainty)
    assert len(TypicalThenMarginKMeans(beta=5).pick(pool, 20).indices) == 20
    start = Pool(count=100, vectors=same, answered=same[:0])
    assert len(TypicalThenMarginKMeans().pick(start, 60).indices) == 60


def test_a_hundred_thousand_records_are_ordered_in_about_a_second() -> None:
    pool = a_pool(100_000, answered=60, clusters=50)
    started = time.perf_counter()
    get_strategy("typical-then-margin-kmeans").pick(pool, 500)
    # Less than one where nothing else runs.
    assert time.perf_counter() - started < 5


def test_an_unknown_strategy_is_the_users_error() -> None:
    with pytest.raises(
        UserError, match=r"'entropy'; strategies: typical-then-margin-kmeans, margin, disagreement, random"
    ):
        get_strategy("entropy")
