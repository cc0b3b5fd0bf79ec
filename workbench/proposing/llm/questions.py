"""Typed questions about a text, the answers to them, and the protocol of everything that can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Exactly one of `options`, two or more. `key` is plain ASCII: endpoints differ in what names they take."""

    key: str
    instructions: str
    options: tuple[Option, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(option.name for option in self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """Whether a statement about the text holds. `subject` is what the statement is about: the tag's name."""

    key: str
    instructions: str
    subject: str


Question: TypeAlias = Choice | YesNo


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one request, as the endpoint counts them (0 where it does not)."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answers by question key: the probability of every option of a choice, that of "yes" for a yes/no.

    A question that the model refused has no entry.
    """

    choices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    yes: Mapping[str, float] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    rationale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may hold: options of a choice, questions, and requests at a time."""

    options: int
    questions: int
    concurrency: int | None = None


class Asker(Protocol):
    """Answers typed questions about one text in one request. May be called from several threads."""

    @property
    def api(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def prompt_version(self) -> str:
        """Changes whenever the same questions are put differently, the wish for a rationale included."""
        ...

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        """`attempt` counts earlier answers to the same request that were rejected.

        Raises UnreadableError for an answer that does not answer, RefusedError for a request the endpoint will not
        take, and UserError when the endpoint cannot be used at all.
        """
        ...

    def close(self) -> None:
        """Let go of connections, or of a model in memory."""
        ...


class UnreadableError(Exception):
    """An answer came, but not in the form asked for, or not from the list; the text says how.

    `usage` is what it took all the same, where that is known.
    """

    def __init__(self, reason: str, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.usage = usage or Usage()


class RefusedError(Exception):
    """The endpoint will not take this one request (status 400 and the like); the text is its message."""


def as_plain(question: Question) -> dict[str, Any]:
    """The question in plain JSON values, for cache keys."""
    if isinstance(question, YesNo):
        return {"key": question.key, "instructions": question.instructions, "yes": question.subject}
    options = [[option.name, option.description] for option in question.options]
    return {"key": question.key, "instructions": question.instructions, "options": options}


# Sums of floats may pass 1 by a little.
ROUNDING = 1e-6


def distribution(raw: Mapping[str, float], names: Sequence[str], key: str) -> dict[str, float]:
    """Probabilities of all `names` from the probabilities an endpoint gave for them; sums to 1.

    Raises UnreadableError when an option is not on the list, or the numbers are no probabilities.
    """
    if strange := [name for name in raw if name not in set(names)]:
        raise UnreadableError(f"{key}: {strange[0][:80]!r} is not one of the options")
    values = {name: raw.get(name, 0.0) for name in names}
    total = sum(values.values())
    if not 0.0 < total < 2.0:
        raise UnreadableError(f"{key}: the probabilities do not sum to 1")
    return {name: value / total for name, value in values.items()}


def number(value: object, key: str) -> float:
    """`value` as a probability; raises UnreadableError otherwise (true and "0.5" included)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0 + ROUNDING:
        raise UnreadableError(f"{key}: {str(value)[:40]!r} is not a probability")
    return min(1.0, float(value))
