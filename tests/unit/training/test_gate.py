"""The gate: what it lets through, what it keeps out, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.contest import Contest, probability_better
from training.gate import GateRules, Verdict, judge
from training.gate_words import in_words

RULES = GateRules()
NAMES = ("a", "b", "c")


def _contest(
    challenger: float, champion: float | None, *, rows: int = 200, truth: np.ndarray | None = None, seed: int = 0
) -> Contest:
    """Models that are right on these shares of the rows, independently."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 3, rows) if truth is None else truth
    answers = [
        None if share is None else np.where(generator.random(rows) < share, truth, (truth + 1) % 3)
        for share in (challenger, champion)
    ]
    assert answers[0] is not None
    return Contest(
        task="category",
        names=NAMES,
        truth=truth,
        challenger=answers[0],
        champion=answers[1],
        prior=np.zeros(rows, dtype=int),
        clusters=np.arange(rows),
    )


def _verdict(
    *contests: Contest, latency_ms: float = 1.0, champion: str | None = "3", rules: GateRules = RULES
) -> Verdict:
    return judge(contests, latency_ms=latency_ms, champion=champion, rules=rules).verdict


def test_a_clearly_better_challenger_is_promoted() -> None:
    assert _verdict(_contest(0.95, 0.7)) is Verdict.PROMOTE


def test_a_worse_challenger_is_kept_out() -> None:
    assert _verdict(_contest(0.6, 0.9)) is Verdict.KEEP


def test_a_challenger_that_answers_the_same_is_not_better() -> None:
    contest = _contest(0.8, 0.8)
    same = Contest(**{**_fields(contest), "champion": contest.challenger})
    result = judge([same], latency_ms=1.0, champion="3", rules=RULES)
    assert result.verdict is Verdict.KEEP
    assert "better with probability 50%" in in_words(result.reasons[0])


def test_the_first_model_is_measured_against_always_answering_the_most_frequent() -> None:
    result = judge([_contest(0.9, None)], latency_ms=1.0, champion=None, rules=RULES)
    assert result.verdict is Verdict.PROMOTE
    assert "always answering the most frequent" in in_words(result.reasons[0])


def test_a_first_model_no_better_than_the_most_frequent_is_kept_out() -> None:
    contest = _contest(0.9, None, truth=np.zeros(100, dtype=int), rows=100)
    assert _verdict(contest, champion=None) is Verdict.KEEP


def test_a_first_model_with_too_few_blind_rows_is_undecided() -> None:
    result = judge([_contest(1.0, None, rows=29)], latency_ms=1.0, champion=None, rules=RULES)
    assert result.verdict is Verdict.UNDECIDED
    assert in_words(result.reasons[0]).startswith("first model, too few blind rows to judge")


def test_too_few_blind_rows_leave_the_champion_in_place() -> None:
    result = judge([_contest(1.0, 0.0, rows=29)], latency_ms=1.0, champion="3", rules=RULES)
    assert result.verdict is Verdict.KEEP
    assert "version 3" in in_words(result.reasons[0])


def test_a_slow_challenger_is_kept_out_however_good() -> None:
    result = judge([_contest(0.95, 0.5)], latency_ms=500.0, champion="3", rules=RULES)
    assert result.verdict is Verdict.KEEP
    assert "too slow: 500.0 ms" in in_words(result.reasons[-1])


def test_a_category_that_falls_below_the_floor_keeps_the_challenger_out() -> None:
    truth = np.array([0] * 300 + [1] * 300 + [2] * 20)
    contest = _contest(0.99, 0.75, truth=truth, rows=620)
    forgetful = np.where(truth == 2, 0, contest.challenger)
    result = judge(
        [Contest(**{**_fields(contest), "challenger": forgetful})], latency_ms=1.0, champion="3", rules=RULES
    )
    assert result.verdict is Verdict.KEEP
    assert "category 'c' would fall from F1" in in_words(result.reasons[-1])


def test_a_category_with_a_handful_of_rows_has_no_floor() -> None:
    truth = np.array([0] * 300 + [1] * 300 + [2] * 5)
    contest = _contest(0.99, 0.75, truth=truth, rows=605)
    forgetful = np.where(truth == 2, 0, contest.challenger)
    assert _verdict(Contest(**{**_fields(contest), "challenger": forgetful})) is Verdict.PROMOTE


def test_better_in_one_task_and_worse_in_another_is_kept_out() -> None:
    assert _verdict(_contest(0.95, 0.7), _contest(0.6, 0.9, seed=1)) is Verdict.KEEP


def test_better_in_one_task_with_the_other_unjudged_is_promoted() -> None:
    assert _verdict(_contest(0.95, 0.7), _contest(0.6, 0.9, rows=10)) is Verdict.PROMOTE


def test_tags_are_judged_by_micro_f1() -> None:
    truth = np.random.default_rng(0).random((100, 5)) < 0.4
    contest = Contest(
        task="tags",
        names=tuple("abcde"),
        truth=truth,
        challenger=truth,
        champion=~truth,
        prior=np.zeros_like(truth),
        clusters=np.arange(100),
    )
    result = judge([contest], latency_ms=1.0, champion="3", rules=RULES)
    assert result.verdict is Verdict.PROMOTE
    assert "micro F1 of tags 1.000 against 0.000" in in_words(result.reasons[0])


def test_stricter_confidence_keeps_out_what_a_looser_one_lets_through() -> None:
    contest = _contest(1.0, 1.0, rows=120)
    places, wrong = np.arange(120), (contest.truth + 1) % 3
    answers = {
        "challenger": np.where(places < 12, wrong, contest.truth),
        "champion": np.where((places >= 6) & (places < 22), wrong, contest.truth),
    }
    contest = Contest(**{**_fields(contest), **answers})
    loose, strict = GateRules(confidence=0.5, floor=1.0), GateRules(confidence=0.999, floor=1.0)
    assert _verdict(contest, rules=loose) is Verdict.PROMOTE
    assert _verdict(contest, rules=strict) is Verdict.KEEP


@settings(deadline=None, max_examples=15)
@given(st.integers(30, 80), st.integers(0, 2**16))
def test_if_swapping_the_two_promotes_both_ways_something_is_wrong(rows: int, seed: int) -> None:
    contest = _contest(0.8, 0.7, rows=rows, seed=seed)
    swapped = Contest(**{**_fields(contest), "challenger": contest.champion, "champion": contest.challenger})
    assert {_verdict(contest), _verdict(swapped)} != {Verdict.PROMOTE}


@given(
    st.integers(1, 50).flatmap(lambda n: st.tuples(*(arrays(np.float64, n, elements=st.floats(0, 1)) for _ in "ab")))
)
def test_the_two_probabilities_of_being_better_add_up_to_one(pair: tuple[np.ndarray, np.ndarray]) -> None:
    ours, theirs = pair
    assert probability_better(ours, theirs) + probability_better(theirs, ours) == pytest.approx(1.0)


def _fields(contest: Contest) -> dict[str, object]:
    return {name: getattr(contest, name) for name in contest.__dataclass_fields__}
