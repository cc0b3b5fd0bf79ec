"""Uncertainty: from probabilities to one margin a record."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.queues.uncertainty import both_uncertain, category_uncertainty, tag_uncertainty

NAN = np.nan


def test_a_margin_is_the_first_probability_less_the_second() -> None:
    found = category_uncertainty(np.array([[0.41, 0.2, 0.39], [0.0, 0.9, 0.1]]), ["одежда", "техника", "обувь"])
    np.testing.assert_allclose(found.margins, [0.02, 0.8])
    assert found.explain(0) == "margin|одежда|0.41|обувь|0.39"
    assert found.explain(1) == "margin|техника|0.90|обувь|0.10"


def test_one_category_leaves_nothing_to_be_unsure_of() -> None:
    found = category_uncertainty(np.ones((2, 1)), ["одежда"])
    np.testing.assert_array_equal(found.margins, [1, 1])
    assert found.explain(0) == "random"


def test_tags_are_as_uncertain_as_the_few_closest_to_the_threshold() -> None:
    found = tag_uncertainty(np.array([[0.5, 0.4, 0.6, 0.0], [1.0, 0.0, 1.0, 0.0]]), ["a", "b", "c", "d"], 0.5)
    np.testing.assert_allclose(found.margins, [0.2 / 3 / 0.5, 1])
    assert found.explain(0) == "tag|a|0.50|0.50"


def test_tags_outside_a_records_catalogue_do_not_count() -> None:
    found = tag_uncertainty(np.array([[NAN, 0.7, NAN], [NAN, NAN, NAN]]), ["a", "b", "c"], 0.5)
    np.testing.assert_allclose(found.margins, [0.4, 1])
    assert found.explain(0) == "tag|b|0.70|0.50"
    assert found.explain(1) == "random"
    assert tag_uncertainty(np.empty((2, 0)), [], 0.5).margins.tolist() == [1, 1]


def test_both_kinds_count_by_rank_and_the_more_uncertain_one_explains() -> None:
    categories = category_uncertainty(np.array([[0.51, 0.49], [1, 0], [0.9, 0.1]]), ["x", "y"])
    tags = tag_uncertainty(np.array([[0.51], [0.52], [0.99]]), ["t"], 0.5)
    found = both_uncertain(categories, tags)
    np.testing.assert_allclose(found.margins, [0, 0.75, 0.75])
    assert found.explain(0).startswith("margin|")
    assert found.explain(1).startswith("tag|")


@given(
    arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(0, 1) | st.just(NAN)),
    st.floats(0, 1),
)
def test_margins_of_tags_lie_between_0_and_1(scores: np.ndarray, threshold: float) -> None:
    found = tag_uncertainty(scores, [f"t{i}" for i in range(scores.shape[1])], threshold)
    assert np.all((found.margins >= 0) & (found.margins <= 1 + 1e-12))
    assert all(found.explain(row) for row in range(len(scores)))


@given(arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(0.001, 1)))
def test_margins_of_categories_lie_between_0_and_1(weights: np.ndarray) -> None:
    found = category_uncertainty(weights / weights.sum(axis=1, keepdims=True), [str(i) for i in range(5)])
    assert np.all((found.margins >= 0) & (found.margins <= 1))


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_no_trouble(rows: int) -> None:
    categories = category_uncertainty(np.full((rows, 2), 0.5), ["x", "y"])
    tags = tag_uncertainty(np.full((rows, 1), 0.5), ["t"], 0.5)
    assert len(both_uncertain(categories, tags).margins) == rows
