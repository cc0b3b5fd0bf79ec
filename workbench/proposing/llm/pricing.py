"""What asking costs: list prices of known models, and estimates before anything is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.proposing.llm.questions import Question, Usage, as_plain
from workbench.settings import WorkbenchSettings

# A token is about four bytes of text in the current vocabularies: four Latin letters, or two Cyrillic ones (a
# little too many for the newest, so that an estimate errs upwards).
BYTES_PER_TOKEN = 4
# What a chat model writes: braces, field names and a number per field.
TOKENS_PER_FIELD = 14
TOKENS_PER_RATIONALE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> float:
        """US dollars for this usage."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


# The vendors' list prices of October 2026; a decision model writes nothing, so its output is free.
_CHAT = {
    "gpt-6-astra": Price(input=10.0, output=50.0),
    "gpt-6-sol": Price(input=2.0, output=10.0),
    "gpt-6-luna": Price(input=0.10, output=0.50),
    "gpt-5.6-luna": Price(input=0.20, output=1.20),
    "gpt-5.4-mini": Price(input=0.75, output=4.50),
}
_DECISIONS = {
    "gpt-6-luna": Price(input=0.10, output=0.0),
    "gpt-6-luna-decisions": Price(input=0.10, output=0.0),
    "jev": Price(input=0.042, output=0.0),
}
_DATED = re.compile(r"-(\d{4}-?\d{2}-?\d{2}|latest|\d+(\.\d+)*)$")


def price_of(settings: WorkbenchSettings, api: str) -> Price | None:
    """The price from the settings, else of a known model; 0 for one in this process; None when unknown."""
    if settings.local_model is not None:
        return Price(input=0.0, output=0.0)
    if settings.llm_input_price is not None:
        return Price(input=settings.llm_input_price, output=settings.llm_output_price or 0.0)
    name = settings.llm_model.rsplit("/", 1)[-1].lower()
    known = _CHAT if api == "chat" else _DECISIONS
    return known.get(name) or known.get(_DATED.sub("", name))


def tokens_of(text: str) -> int:
    """About how many tokens a text is, at least one."""
    return max(1, len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def estimate(questions: Sequence[Question], *, api: str, rationale: bool) -> Usage:
    """About what asking these questions uses, beside the tokens of the text itself."""
    written = json.dumps([as_plain(question) for question in questions], ensure_ascii=False)
    output = 2 * TOKENS_PER_FIELD * len(questions) + TOKENS_PER_RATIONALE * rationale if api == "chat" else 0
    return Usage(input_tokens=tokens_of(written), output_tokens=output)
