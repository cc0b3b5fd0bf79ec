"""The LLM stage: distinct texts asked several at a time, every answer kept as it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.llm_answers import get_answers
from db.records import chunks
from db.types import Stage
from workbench.proposing.llm.cache import CachedAsker, RejectedError
from workbench.proposing.llm.questionnaire import Questionnaire
from workbench.proposing.llm.questions import Question, RefusedError
from workbench.proposing.llm.rounds import Collected, ask_all, first_requests
from workbench.proposing.stage import Failure, Item, Outcome, Rejection, Task, fingerprint

# So many requests refused without one answer mean that none will be given.
HOPELESS = 20
_LOOKED_UP_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vote:
    collected: Collected
    rejected: str = ""


class LlmStage:
    """Asks `asker` about each item, `votes` times. Raises UserError when the endpoint cannot be used."""

    stage = Stage.LLM
    chunk = 64

    def __init__(self, *, task: Task, asker: CachedAsker, concurrency: int, note: str = "") -> None:
        self._asker = asker
        self.votes = task.settings.llm_votes
        self.api = asker.asker.api
        self._workers = min(concurrency, asker.asker.limits.concurrency or concurrency)
        self._answered = self._failed = 0
        self._dead: UserError | None = None
        self.questionnaire = Questionnaire(task)
        self.source = f"llm:{asker.asker.model}"
        self.version = fingerprint(asker.asker.api, asker.asker.prompt_version, self.questionnaire.version)
        self.note = note

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="llm")
        try:
            asked = {pool.submit(self._outcome, item): item for item in items}
            for future in as_completed(asked):
                outcome = future.result()
                self._give_up_when_hopeless(outcome)
                yield asked[future], outcome
        finally:
            # What is in flight is waited for, and kept; what is not is not begun.
            pool.shutdown(wait=True, cancel_futures=True)

    def requests_for(self, item: Item, vote: int) -> list[list[Question]]:
        """About what will be asked for one item: all but finals; of tag lists still to be chosen the longest."""
        questions = self.questionnaire.first(item, vote)
        waiting = self.questionnaire.longest_tags() if self.questionnaire.tags_wait(item) else []
        limits = self._asker.asker.limits
        return [*first_requests(questions, limits), *first_requests(waiting, limits)]

    def known(self, engine: Engine, items: Sequence[Item]) -> int:
        """How many of the requests that wait for no answer are answered in the cache."""
        limits, found = self._asker.asker.limits, 0
        for chunk in chunks(items, _LOOKED_UP_AT_A_TIME):
            keys = [
                self._asker.key(item.text_key, request, vote)
                for item in chunk
                for vote in range(self.votes)
                for request in first_requests(self.questionnaire.first(item, vote), limits)
            ]
            with reading(engine) as session:
                found += len(get_answers(session, keys))
        return found

    def _outcome(self, item: Item) -> Outcome:
        # What one request has found out about the endpoint, those still waiting need not.
        if self._dead is not None:
            raise self._dead
        try:
            votes = [self._vote(item, vote) for vote in range(self.votes)]
        except RefusedError as error:
            return Failure(reason=str(error))
        except UserError as error:
            self._dead = error
            raise
        answered = [vote.collected for vote in votes if not vote.rejected]
        if not answered:
            cost = sum(vote.collected.cost for vote in votes)
            cached = all(vote.collected.cached for vote in votes)
            return Rejection(reason=votes[-1].rejected, cost=cost, cached=cached)
        return self.questionnaire.suggestion(item, answered)

    def _vote(self, item: Item, vote: int) -> _Vote:
        collected = Collected()
        try:
            self._ask_all(item, vote, collected, self.questionnaire.first(item, vote))
            category = self.questionnaire.chosen(collected)
            if self.questionnaire.tags_wait(item) and category is not None:
                self._ask_all(item, vote, collected, self.questionnaire.tags(category))
        except RejectedError as error:
            collected.cost += error.cost
            collected.cached = collected.cached and error.cached
            return _Vote(collected=collected, rejected=str(error))
        return _Vote(collected=collected)

    def _ask_all(self, item: Item, vote: int, collected: Collected, questions: Sequence[Question]) -> None:
        def ask(request: Sequence[Question]) -> None:
            reply, cost, cached = self._asker.ask(item.text_key, item.text, request, vote)
            collected.add(reply, cost=cost, cached=cached)

        limits = self._asker.asker.limits
        try:
            ask_all(ask, collected, questions, limits)
        except RefusedError:
            # An asker that was told of a lower limit has noted it.
            if self._asker.asker.limits == limits:
                raise
            ask_all(ask, collected, questions, self._asker.asker.limits)

    def _give_up_when_hopeless(self, outcome: Outcome) -> None:
        if not isinstance(outcome, Failure):
            self._answered += 1
            return
        self._failed += 1
        if self._failed >= HOPELESS and not self._answered:
            model = self._asker.asker.model
            raise UserError(f"WORKBENCH_LLM_MODEL={model}: every request is refused: {outcome.reason}")
