"""The contest in figures, as it is kept beside a version."""

from __future__ import annotations

import numpy as np
import pytest

from training.contest import Contest, report


def a_contest(rows: int = 40, *, champion: bool = True) -> Contest:
    """The challenger is always right, the champion never says "b"; nobody ever used "c"."""
    truth = np.arange(rows) % 2
    return Contest(
        task="category",
        names=("a", "b", "c"),
        truth=truth,
        challenger=truth,
        champion=np.zeros(rows, dtype=int) if champion else None,
        prior=np.zeros(rows, dtype=int),
        clusters=np.arange(rows),
    )


def test_both_models_have_figures_with_intervals_and_every_used_label_a_score() -> None:
    found = report(a_contest(), "3")
    assert (found.task, found.measure, found.rows, found.against) == ("category", "weighted_f1", 40, "3")
    assert found.ours is not None
    assert found.theirs is not None
    assert found.difference is not None
    assert found.ours.value == 1.0
    assert found.theirs.low <= found.theirs.value <= found.theirs.high < 1.0
    assert found.difference.value == pytest.approx(found.ours.value - found.theirs.value)
    assert [(s.name, s.support, s.ours) for s in found.labels] == [("a", 20, 1.0), ("b", 20, 1.0)]
    assert [s.theirs for s in found.labels] == [pytest.approx(2 / 3), 0.0]


def test_a_first_model_stands_against_the_most_frequent_answer_and_its_labels_against_nothing() -> None:
    found = report(a_contest(champion=False), None)
    assert found.against == ""
    assert found.theirs is not None
    assert found.theirs.value < 1.0
    assert {score.theirs for score in found.labels} == {None}


def test_without_rows_there_are_no_figures() -> None:
    found = report(a_contest(0), "3")
    assert (found.rows, found.ours, found.theirs, found.difference, found.labels) == (0, None, None, None, ())


def test_a_label_that_only_the_models_used_has_no_support() -> None:
    truth = np.zeros((12, 2), dtype=bool)
    truth[:, 0] = True
    contest = Contest(
        task="tags",
        names=("warm", "light"),
        truth=truth,
        challenger=np.ones((12, 2), dtype=bool),
        champion=truth,
        prior=truth,
        clusters=np.arange(12),
    )
    found = report(contest, "1")
    assert found.measure == "micro_f1"
    assert [(s.name, s.support, s.ours, s.theirs) for s in found.labels] == [
        ("warm", 12, 1.0, 1.0),
        ("light", 0, 0.0, 0.0),
    ]
