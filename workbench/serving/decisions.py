"""The champion as a decision model: typed questions about one text, a probability for every allowed answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from db.errors import UserError
from db.proposals import TAG_PREFIX
from workbench.serving.champion import Champion
from workbench.serving.models import Prediction
from workbench.serving.prediction import Served, predict

_SECTION_MARK = "/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which category; `options` are all of the project's or some. What is no category of it has probability 0."""

    options: tuple[str | bool, ...]

    def __post_init__(self) -> None:
        twice = next((option for option in self.options if self.options.count(option) > 1), None)
        if twice is not None:
            raise UserError(f"questions: an option is given twice in one choice: {str(twice)[:80]!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class YesNo:
    """Whether a tag applies: "tag:NAME", or "CATEGORY/NAME" of a record whose category is known."""

    name: str


Question: TypeAlias = Choice | YesNo


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """`probabilities` are the options', in their order, and sum to 1.

    `confidence` is how far the chosen one is above chance, from 0 to 1.
    """

    choice: str | bool
    confidence: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Probability:
    """Of "yes"."""

    yes: float


Answer: TypeAlias = Chosen | Probability | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """Answers in the order of the questions; None where the model knows nothing of what is asked."""

    answers: tuple[Answer, ...]
    served: Served


def decide(champion: Champion, text: str, questions: Sequence[Question]) -> Decided:
    """Raises UserError for a text that `predict` would not take."""
    (served,) = predict(champion, [text])
    asked = [_tag(champion, question.name) if isinstance(question, YesNo) else None for question in questions]
    routed = {tag[0]: served.prediction for tag in asked if tag is not None}
    for category in routed:
        if category is not None:
            (routed[category],) = champion.predictor.predict([text], [category])
    answers = [
        _choose(question, served.prediction.probabilities) if isinstance(question, Choice) else _judge(tag, routed)
        for question, tag in zip(questions, asked, strict=True)
    ]
    return Decided(answers=tuple(answers), served=served)


def _choose(question: Choice, probabilities: Mapping[str, float]) -> Chosen | None:
    known = [probabilities.get(option, 0.0) if isinstance(option, str) else 0.0 for option in question.options]
    total = sum(known)
    if total <= 0.0:
        return None
    shares = tuple(value / total for value in known)
    best = max(range(len(shares)), key=shares.__getitem__)
    chance = 1.0 / len(shares)
    confidence = 1.0 if len(shares) == 1 else max(0.0, (shares[best] - chance) / (1.0 - chance))
    return Chosen(choice=question.options[best], confidence=confidence, probabilities=shares)


def _tag(champion: Champion, name: str) -> tuple[str | None, str] | None:
    """The known category and the tag that a question's name stands for, if the model's catalogue has them."""
    catalogue = champion.predictor.label_set
    if name.startswith(TAG_PREFIX) and name.removeprefix(TAG_PREFIX) in catalogue.tag_names(None):
        return None, name.removeprefix(TAG_PREFIX)
    for category in catalogue.tags:
        tag = name.removeprefix(category + _SECTION_MARK)
        if category and tag != name and tag in catalogue.tag_names(category):
            return category, tag
    return None


def _judge(tag: tuple[str | None, str] | None, routed: Mapping[str | None, Prediction]) -> Probability | None:
    return None if tag is None else Probability(yes=routed[tag[0]].tag_scores.get(tag[1], 0.0))
