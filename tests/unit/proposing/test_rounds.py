from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.proposing.llm.questions import Choice, Limits, Option, Question, Reply, YesNo, distribution
from workbench.proposing.llm.rounds import Collected, ask_all, heats_of


def choice(size: int) -> Choice:
    return Choice(key="category", instructions="?", options=tuple(Option(f"o{i}") for i in range(size)))


class Judge:
    """Prefers one option wherever it takes part; checks that no request passes the limits."""

    def __init__(self, favourite: str, limits: Limits, collected: Collected) -> None:
        self.favourite, self.limits, self.collected = favourite, limits, collected
        self.requests = 0

    def __call__(self, questions: Sequence[Question]) -> None:
        self.requests += 1
        assert 1 <= len(questions) <= self.limits.questions
        choices: dict[str, dict[str, float]] = {}
        for question in questions:
            if isinstance(question, Choice):
                assert 2 <= len(question.options) <= self.limits.options
                weights = {name: 9.0 if name == self.favourite else 1.0 for name in question.names}
                total = sum(weights.values())
                choices[question.key] = {name: weight / total for name, weight in weights.items()}
        yes = {question.key: 0.5 for question in questions if isinstance(question, YesNo)}
        self.collected.add(Reply(choices=choices, yes=yes), cost=1.0, cached=False)


@given(size=st.integers(2, 120), most=st.integers(4, 26), favourite=st.integers(0, 119), tags=st.integers(0, 70))
def test_however_many_options_the_best_one_wins_and_all_have_a_probability(
    size: int, most: int, favourite: int, tags: int
) -> None:
    limits, collected = Limits(options=most, questions=20), Collected()
    name = f"o{favourite % size}"
    judge = Judge(name, limits, collected)
    yes_no = [YesNo(key=f"tag{i}", instructions="?", subject=str(i)) for i in range(tags)]
    ask_all(judge, collected, [choice(size), *yes_no], limits)
    found = collected.choices["category"]
    assert set(collected.choices) == {"category"}
    assert sum(found.values()) == pytest.approx(1.0)
    assert len(found) == size
    assert max(found, key=lambda option: found[option]) == name
    assert len(collected.yes) == tags
    assert collected.cost == judge.requests


def test_twenty_seven_options_play_in_two_heats_and_a_final() -> None:
    heats = heats_of(choice(27), 26)
    assert sorted(len(heat.options) for heat in heats) == [13, 14]
    limits, collected = Limits(options=26, questions=64), Collected()
    judge = Judge("o26", limits, collected)
    ask_all(judge, collected, [choice(27)], limits)
    assert judge.requests == 2


def test_a_refused_heat_leaves_the_question_unanswered() -> None:
    collected = Collected()
    ask_all(lambda questions: None, collected, [choice(30)], Limits(options=26, questions=64))
    assert collected.choices == {}


@given(st.dictionaries(st.sampled_from("abc"), st.floats(0.01, 0.33), min_size=1))
def test_probabilities_that_leave_options_out_are_completed(raw: dict[str, float]) -> None:
    found = distribution(raw, "abc", "q")
    assert list(found) == ["a", "b", "c"]
    assert sum(found.values()) == pytest.approx(1.0)
