"""What a stage of the cascade is given and what it says; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from db.project_settings import ProjectSettings
from db.proposals import TAG_PREFIX, settles
from db.types import Answer, Kind, LabelSet, Project, Proposal, Record, Stage, Tag

MAX_TAGS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One distinct thing to label: a text, with the known category that routes its tags."""

    text_key: str
    text: str
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A stage's answer about one item. `cost` in US dollars; `cached` when nothing had to be asked for it."""

    answer: Answer
    score: float
    probabilities: Mapping[str, float] = field(default_factory=dict)
    rationale: str = ""
    cost: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """There was an answer, but not one that counts: off the list, refused, unreadable."""

    reason: str
    cost: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """There was no answer for this item; asking again later may bring one."""

    reason: str


Outcome: TypeAlias = Suggestion | Rejection | Failure | None


class StageRunner(Protocol):
    """One stage, ready to run. `propose` yields an outcome per item, in any order, None for nothing to say.

    Two runners with the same `source` and `version` give the same answers, so what one has proposed the other need not.
    """

    @property
    def stage(self) -> Stage: ...
    @property
    def source(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def note(self) -> str:
        """One line on what is running, or ""."""
        ...

    @property
    def chunk(self) -> int:
        """How many records are proposed for, and saved, at a time."""
        ...

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a stage needs to know about the project it works for."""

    project: Project
    labels: LabelSet
    settings: ProjectSettings
    guidelines: str = ""


class Lack(StrEnum):
    """What keeps a stage from running, for pages that say it in their reader's language."""

    CHAMPION = "champion"
    KEYWORDS = "keywords"
    CATEGORIES = "categories"
    TAGS = "tags"
    RECORDS = "records"
    LLM = "llm"
    FILE = "file"
    ZERO_SHOT = "zero_shot"
    ZERO_SHOT_MODEL = "zero_shot_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A stage that cannot run, and in one line why and what turns it on."""

    stage: Stage
    lack: Lack
    reason: str


def item_of(record: Record) -> Item:
    return Item(text_key=record.text_key, text=record.text, category=record.category)


def as_proposal(record_id: int, runner: StageRunner, suggestion: Suggestion, *, cost: float) -> Proposal:
    return Proposal(
        record_id=record_id,
        stage=runner.stage,
        source=runner.source,
        version=runner.version,
        answer=suggestion.answer,
        score=suggestion.score,
        probabilities=suggestion.probabilities,
        rationale=suggestion.rationale,
        cost=cost,
    )


def ends_cascade(kind: Kind, proposal: Proposal, settings: ProjectSettings) -> bool:
    """Whether a record needs no further stage: the answer is complete for the project's kind and sure enough."""
    answer = proposal.answer
    complete = not (kind.asks_category and answer.category is None) and not (kind.asks_tags and answer.tags is None)
    return complete and settles(proposal, settings)


def route_of(task: Task, item: Item, chosen: str | None) -> str | None:
    """The category whose tags an item may carry: its known one if the project has it, else the one just chosen."""
    known = item.category
    if known is not None and (not task.project.kind.asks_category or known in task.labels.category_names):
        return known
    return chosen


def tags_of(labels: LabelSet, category: str | None) -> tuple[Tag, ...]:
    """The tags, with definitions, that a record of this category may carry."""
    known: dict[str, Tag] = {}
    sections = [labels.tags[category]] if category is not None and category in labels.tags else labels.tags.values()
    for section in sections:
        for tag in section:
            known.setdefault(tag.name, tag)
    return tuple(known[name] for name in labels.tag_names(category))


def chosen_tags(probabilities: Mapping[str, float], threshold: float) -> tuple[str, ...]:
    """The tags at or above `threshold`, likeliest first: at most six, and the likeliest one where none reaches it."""
    ranked = sorted(probabilities, key=lambda name: -probabilities[name])
    sure = tuple(name for name in ranked if probabilities[name] >= threshold)
    return (sure or tuple(ranked[:1]))[:MAX_TAGS]


def tag_suggestion(
    probabilities: Mapping[str, float], settings: ProjectSettings
) -> tuple[tuple[str, ...], float, dict[str, float]]:
    """(tags, score, probabilities under `tag:NAME`); the score is that of the least sure tag."""
    tags = chosen_tags(probabilities, settings.tag_threshold)
    named = {TAG_PREFIX + name: probability for name, probability in probabilities.items()}
    return tags, min((probabilities[name] for name in tags), default=0.0), named


def best(probabilities: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest option and its probability; the first one listed wins a tie."""
    name = max(probabilities, key=lambda option: probabilities[option])
    return name, probabilities[name]


def fingerprint(*parts: object) -> str:
    """A short version for anything that JSON can write."""
    written = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]
