"""What is said about a keyword: that it should be listed or taken off, and what it would catch or catches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from db.dismissed_keywords import Advice
from workbench.proposing.keyword_choice import Minimums


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A piece of an answered text around the word, and the category that people gave the text."""

    text: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordAdvice:
    """A word to list for a category, or a listed one to take off.

    `right` and `wrong` count answered texts, `wrong` by the category that people gave them, most first; `lower` is the
    lower end of the precision's 95 % interval. `records` are unanswered ones with the word, `fresh` those of them that
    no listed keyword catches. `examples` were caught rightly, `against` wrongly.
    """

    advice: Advice
    category: str
    word: str
    right: int
    wrong: dict[str, int]
    precision: float
    lower: float
    examples: tuple[Example, ...] = ()
    against: tuple[Example, ...] = ()
    records: int = 0
    fresh: int = 0

    @property
    def wrong_in_all(self) -> int:
        return sum(self.wrong.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordReport:
    """In the order of the categories, the best of the new and the worst of the harmful first.

    Learned from `answered` of `all_answered` texts, none of them in the blind stream; the `looked_at` of the
    `open_records` stand for all. `version` is the label set's.
    """

    project: str
    version: int
    new: tuple[KeywordAdvice, ...]
    harmful: tuple[KeywordAdvice, ...]
    minimums: Minimums
    answered: int
    all_answered: int
    open_records: int
    looked_at: int

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)
