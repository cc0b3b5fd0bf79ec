"""Reasons for a change of champion: codes with values, so that each page can say them in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float
# Words as somebody wrote them, kept from before reasons had codes.
WORDS = "words"


@dataclass(frozen=True, slots=True)
class Reason:
    """`values` fill the words that `code` stands for; those of `WORDS` are its value `text`."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of_words(cls, text: str) -> Reason:
        return cls(WORDS, {"text": text})


def as_plain(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Plain JSON values, as the database keeps them."""
    return [{"code": reason.code, "values": dict(reason.values)} for reason in reasons]


def from_plain(kept: Sequence[Any]) -> tuple[Reason, ...]:
    """What `as_plain` made; a plain string, from before, stands for itself."""
    return tuple(
        Reason.of_words(one) if isinstance(one, str) else Reason(one["code"], dict(one["values"])) for one in kept
    )
