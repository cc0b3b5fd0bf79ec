"""Our scores against scikit-learn's, and the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from training.evaluation import (
    accuracy_statistic,
    category_report,
    confusion,
    interval,
    macro_f1_statistic,
    micro_f1_statistic,
    once,
    precision_at,
    recall_at,
    resampled,
    tags_report,
    weighted_f1_statistic,
)

NAMES = ("a", "b", "c", "d")
PAIRS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 3)), arrays(np.int64, n, elements=st.integers(0, 3))
    )
)
TAGS = st.integers(1, 20).flatmap(lambda n: st.tuples(arrays(np.bool_, (n, 4)), arrays(np.bool_, (n, 4))))


@settings(deadline=None, max_examples=40)
@given(PAIRS)
def test_category_scores_are_scikit_learns(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, said = pair
    report = category_report(truth, said, NAMES)
    assert report.accuracy == pytest.approx(accuracy_score(truth, said))
    assert report.macro_f1 == pytest.approx(f1_score(truth, said, average="macro", zero_division=0))
    assert report.weighted_f1 == pytest.approx(f1_score(truth, said, average="weighted", zero_division=0))
    assert once(weighted_f1_statistic(truth, said), len(truth)) == pytest.approx(report.weighted_f1)
    assert once(macro_f1_statistic(truth, said), len(truth)) == pytest.approx(report.macro_f1)
    assert once(accuracy_statistic(truth, said), len(truth)) == pytest.approx(report.accuracy)
    assert (confusion(truth, said, 4) == confusion_matrix(truth, said, labels=range(4))).all()


@settings(deadline=None, max_examples=40)
@given(TAGS)
def test_tag_scores_are_scikit_learns(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, said = pair
    report = tags_report(truth, said, said.astype(float), NAMES)
    assert report.micro_f1 == pytest.approx(f1_score(truth, said, average="micro", zero_division=0))
    assert report.exact_match == pytest.approx(accuracy_score(truth, said))
    assert once(micro_f1_statistic(truth, said), len(truth)) == pytest.approx(report.micro_f1)


def test_labels_nobody_used_do_not_pull_the_average_down() -> None:
    report = category_report(np.array([0, 1]), np.array([0, 1]), NAMES)
    assert [c.name for c in report.classes] == ["a", "b"]
    assert report.macro_f1 == 1.0


def test_precision_and_recall_of_the_best_scored() -> None:
    truth = np.array([[True, True, False, False], [False, False, False, False]])
    scores = np.array([[0.9, 0.1, 0.8, 0.7], [0.9, 0.8, 0.7, 0.6]])
    assert precision_at(3, truth, scores) == pytest.approx(1 / 3)
    assert recall_at(3, truth, scores) == pytest.approx(1 / 2)


def test_a_score_that_is_not_a_number_ranks_last() -> None:
    truth = np.array([[True, False, False, False]])
    assert precision_at(3, truth, np.array([[np.nan, 0.2, 0.1, 0.05]])) == 0.0


def test_a_class_without_rows_among_those_drawn_does_not_count_in_the_macro_average() -> None:
    truth, said = np.array([0, 0, 1]), np.array([0, 0, 0])
    found = macro_f1_statistic(truth, said)(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    assert found.tolist() == pytest.approx([1.0, 0.4])


def test_the_same_seed_draws_the_same_rows() -> None:
    truth, said = np.arange(50) % 3, np.arange(50) % 2
    statistic = weighted_f1_statistic(truth, said)
    assert (resampled(statistic, 50, seed=3) == resampled(statistic, 50, seed=3)).all()
    assert (resampled(statistic, 50, seed=3) != resampled(statistic, 50, seed=4)).any()


def test_rows_of_a_cluster_are_drawn_together() -> None:
    truth, said = np.array([0] * 10 + [1] * 10), np.zeros(20, dtype=int)
    accuracy = accuracy_statistic(truth, said)
    found = resampled(accuracy, 20, clusters=np.repeat([0, 1], 10), resamples=200)
    assert set(np.round(found, 6)) == {0.0, 0.5, 1.0}


@settings(deadline=None, max_examples=40)
@given(PAIRS)
def test_the_interval_holds_the_middle_of_the_replicates(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, said = pair
    found = resampled(accuracy_statistic(truth, said), len(truth), resamples=50)
    low, high = interval(found)
    assert 0 <= low <= np.median(found) <= high <= 1


def test_many_rows_are_drawn_in_parts_without_changing_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, said = np.arange(40) % 3, np.arange(40) % 2
    whole = resampled(accuracy_statistic(truth, said), 40, resamples=30)
    monkeypatch.setattr("training.evaluation._CHUNK_CELLS", 100)
    assert (resampled(accuracy_statistic(truth, said), 40, resamples=30) == whole).all()
