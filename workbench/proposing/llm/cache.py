"""Answers kept the moment they arrive: nothing is asked, or paid for, twice, whatever happens to the process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from db.engine import reading, writing
from db.llm_answers import get_answers, put_answer
from workbench.proposing.llm.pricing import Price
from workbench.proposing.llm.questions import Asker, Question, Reply, UnreadableError, Usage, as_plain

# An unreadable answer is asked for again this many times before it counts as rejected.
RETRIES = 2


class RejectedError(Exception):
    """No acceptable answer after the retries; `cost` in US dollars, `cached` when that was known before."""

    def __init__(self, reason: str, *, cost: float, cached: bool) -> None:
        super().__init__(reason)
        self.cost = cost
        self.cached = cached


class CachedAsker:
    """An asker with the database's memory. Rejections are remembered like answers: they were paid for too."""

    def __init__(self, *, asker: Asker, engine: Engine, price: Price | None) -> None:
        self.asker = asker
        self._engine = engine
        self._price = price

    def key(self, text_key: str, questions: Sequence[Question], vote: int) -> str:
        """Identifies one request: everything that determines its answer. The questions hold the order of options."""
        asker = self.asker
        told = [asker.api, asker.model, asker.prompt_version, text_key, vote, [as_plain(q) for q in questions]]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()

    def ask(self, text_key: str, text: str, questions: Sequence[Question], vote: int) -> tuple[Reply, float, bool]:
        """(reply, cost, whether it was known already). Raises RejectedError, RefusedError, UserError."""
        key = self.key(text_key, questions, vote)
        with reading(self._engine) as session:
            known = get_answers(session, [key]).get(key)
        if known is not None:
            if "rejected" in known:
                raise RejectedError(str(known["rejected"]), cost=0.0, cached=True)
            return from_plain(known), 0.0, True
        return self._ask(key, text, questions)

    def _ask(self, key: str, text: str, questions: Sequence[Question]) -> tuple[Reply, float, bool]:
        reason, cost = "", 0.0
        for attempt in range(RETRIES + 1):
            try:
                reply = self.asker.ask(text, questions, attempt=attempt)
            except UnreadableError as error:
                reason = str(error)
                cost += self._cost(error.usage)
                continue
            cost += self._cost(reply.usage)
            self._keep(key, to_plain(reply), cost)
            return reply, cost, False
        self._keep(key, {"rejected": reason}, cost)
        raise RejectedError(reason, cost=cost, cached=False)

    def _cost(self, usage: Usage) -> float:
        return self._price.of(usage) if self._price else 0.0

    def _keep(self, key: str, answer: Mapping[str, Any], cost: float) -> None:
        with writing(self._engine) as session:
            put_answer(session, key, answer, cost)


def to_plain(reply: Reply) -> dict[str, Any]:
    return {
        "choices": {key: dict(options) for key, options in reply.choices.items()},
        "yes": dict(reply.yes),
        "usage": [reply.usage.input_tokens, reply.usage.output_tokens],
        "rationale": reply.rationale,
    }


def from_plain(kept: Mapping[str, Any]) -> Reply:
    input_tokens, output_tokens = kept["usage"]
    return Reply(
        choices=kept["choices"],
        yes=kept["yes"],
        usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens),
        rationale=kept["rationale"],
    )
