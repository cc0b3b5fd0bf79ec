"""A person at the curation page without the page: what their browser would send, and what must have come of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from db.annotation_log import all_annotations, standing
from db.engine import reading
from db.types import Annotation, Project

FULL, LOW = 30, 12


@dataclass(kw_only=True)
class Annotator:
    """Keeps a buffer of leased records and answers them as the page does; a bad net makes it send some requests twice.

    `tags` go with every label that is chosen, where the project asks for them. `sent` are all actions by their client
    id, `refused` the codes of those that the server would not take.
    """

    person: str
    labels: Sequence[str]
    seed: int
    tags: Sequence[str] | None = None
    held: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    exhausted: bool = False

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.last: dict[str, Any] | None = None

    @property
    def holder(self) -> str:
        return f"tab-{self.seed:08}"

    def request(self) -> dict[str, Any]:
        """The body of the next exchange: at most one answer, and a wish for more records where the buffer is low."""
        actions = [self._act()] if self.held else []
        undone = [action["record"] for action in actions if action["action"] == "undo"]
        have = [item["id"] for item in self.held if item["id"] not in undone]
        want = FULL - len(have) if len(have) <= LOW else len(undone)
        return {"holder": self.holder, "actions": actions, "want": want, "have": have}

    def twice(self) -> bool:
        """Whether the answer to this request gets lost on its way back."""
        return self.dice.random() < 0.02

    def take(self, body: dict[str, Any], answer: dict[str, Any]) -> None:
        """What the page does with the answer to `body`."""
        self.exhausted = body["want"] > 0 and not answer["items"]
        for result in answer["results"]:
            if result["refusal"] is not None:
                self.refused[result["refusal"]["code"]] += 1
                self.sent.pop(result["cid"], None)
        held = {item["id"] for item in self.held}
        self.held += [item for item in answer["items"] if item["id"] not in held]

    def _act(self) -> dict[str, Any]:
        action: dict[str, Any] = {"cid": f"{self.holder}-{len(self.sent) + sum(self.refused.values()):06}"}
        kind = self.dice.choices(("accept", "choose", "skip", "flag", "undo"), weights=(50, 40, 4, 2, 4))[0]
        if kind == "undo" and self.last is not None:
            action |= {"action": "undo", "record": self.last["record"], "undoes": self.last["cid"]}
            self.last = None
        else:
            item = self.held.pop(0)
            suggestion = item["suggestion"]
            action |= {"record": item["id"], "shown": [suggestion["id"]] if suggestion else [], "duration_ms": 900}
            if kind in ("skip", "flag"):
                action["action"] = kind
            elif kind == "accept" and suggestion:
                action["action"] = "accept"
            else:
                action |= {"action": "choose", "category": self.dice.choice(self.labels), "tags": self.tags}
            self.last = action
        self.sent[action["cid"]] = action
        return action


def check(engine: Engine, project: Project, people: Iterable[Annotator], overlap: int) -> int:
    """Every action is in the log once, as it was meant, and no record has more answers than are asked for.

    Returns how many actions there were.
    """
    with reading(engine) as session:
        log = all_annotations(session, project)
    rows = [annotation for found in log.values() for annotation in found]
    kept = {a.client_id: a for a in rows}
    assert len(kept) == len(rows)
    count = 0
    for one in people:
        count += len(one.sent)
        for cid, action in one.sent.items():
            assert cid in kept, f"{one.person}: {cid} is lost"
            assert _says(kept[cid], action, one.person), f"{one.person}: {cid} is not what was sent"
    mine = {cid for one in people for cid in one.sent}
    assert {a.client_id for a in rows if (a.client_id or "").startswith("tab-")} == mine
    for record_id, found in log.items():
        if any(a.client_id in mine for a in found):
            answered = {a.person for a in standing(found) if a.status.is_answer}
            assert len(answered) <= overlap, f"record {record_id} was answered by {sorted(answered)}"
    return count


def _says(kept: Annotation, action: dict[str, Any], person: str) -> bool:
    statuses = {"undo": {"undone"}, "skip": {"skipped"}, "flag": {"flagged"}}
    expected = statuses.get(action["action"], {"accepted", "corrected", "given"})
    category = action.get("category")
    return (
        (kept.person, kept.record_id) == (person, action["record"])
        and kept.status.value in expected
        and kept.undoes == action.get("undoes")
        and (category is None or kept.answer.category == category)
    )
