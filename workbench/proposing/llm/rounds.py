"""Asking more than one request can hold: too many options play in heats, too many questions into requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from workbench.proposing.llm.questions import Choice, Limits, Question, Reply, YesNo


@dataclass
class Collected:
    """Answers to all questions over several requests; cost in US dollars, `cached` when every answer was."""

    choices: dict[str, dict[str, float]] = field(default_factory=dict)
    yes: dict[str, float] = field(default_factory=dict)
    rationale: str = ""
    cost: float = 0.0
    cached: bool = True

    def add(self, reply: Reply, *, cost: float, cached: bool) -> None:
        self.choices |= {key: dict(options) for key, options in reply.choices.items()}
        self.yes |= reply.yes
        self.rationale = self.rationale or reply.rationale
        self.cost += cost
        self.cached = self.cached and cached


Ask = Callable[[Sequence[Question]], None]


def ask_all(ask: Ask, collected: Collected, questions: Sequence[Question], limits: Limits) -> None:
    """Have `ask` (which adds to `collected`) answer all questions within `limits`.

    A choice of more options than `limits.options` is asked in heats and a final among their winners; the probability of
    an option is that of its heat's winner in the final times its own in the heat.
    """
    for request in first_requests(questions, limits):
        ask(request)
    for question in too_large(questions, limits):
        _final(ask, collected, question, heats_of(question, limits.options), limits)


def first_requests(questions: Sequence[Question], limits: Limits) -> list[list[Question]]:
    """The requests that wait for no answer: everything but finals."""
    large = too_large(questions, limits)
    heats = [heat for question in large for heat in heats_of(question, limits.options)]
    return requests([*heats, *(q for q in questions if q not in large)], limits.questions)


def too_large(questions: Sequence[Question], limits: Limits) -> list[Choice]:
    return [q for q in questions if isinstance(q, Choice) and len(q.options) > limits.options]


def heats_of(question: Choice, most: int) -> list[Choice]:
    """The options in as few, equally filled heats as fit; none with a single option."""
    count = -(-len(question.options) // most)
    return [
        replace(question, key=f"{question.key}_heat{number + 1}", options=question.options[number::count])
        for number in range(count)
    ]


def requests(questions: Sequence[Question], most: int) -> list[list[Question]]:
    """Questions in groups of at most `most`, choices first as given."""
    ordered = [q for q in questions if isinstance(q, Choice)] + [q for q in questions if isinstance(q, YesNo)]
    return [ordered[start : start + most] for start in range(0, len(ordered), most)]


def _final(ask: Ask, collected: Collected, question: Choice, heats: Sequence[Choice], limits: Limits) -> None:
    results = [collected.choices.pop(heat.key, None) for heat in heats]
    played = [result for result in results if result]
    if len(played) < len(heats):
        return  # a heat was refused, so the question is
    by_winner = {max(result, key=lambda name: result[name]): result for result in played}
    final = replace(question, options=tuple(option for option in question.options if option.name in by_winner))
    ask_all(ask, collected, [final], limits)
    shares = collected.choices.pop(question.key, None)
    if shares is not None:
        won = {name: shares[winner] * value for winner, result in by_winner.items() for name, value in result.items()}
        collected.choices[question.key] = {name: won[name] for name in question.names}
