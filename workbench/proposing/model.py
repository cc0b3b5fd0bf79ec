"""The model stage: our own champion, once there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from db.proposals import TAG_PREFIX
from db.types import Answer, Stage
from workbench.proposing.stage import Item, Outcome, Suggestion, Task, route_of


class Predictions(Protocol):
    """One entry per text. A model of categories has no tags and the other way round: then the entries are empty."""

    @property
    def category(self) -> Sequence[str | None]: ...
    @property
    def confidence(self) -> Sequence[float | None]: ...
    @property
    def probabilities(self) -> Sequence[Mapping[str, float] | None]: ...
    @property
    def tags(self) -> Sequence[Sequence[str] | None]: ...
    @property
    def tag_scores(self) -> Sequence[Mapping[str, float] | None]: ...


class Scorer(Protocol):
    def predict(self, texts: Sequence[str], categories: Sequence[str | None], /) -> Predictions: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """The promoted model: `name` and `version` as in the registry."""

    name: str
    version: str
    scorer: Scorer


class ModelStage:
    """Labels that the project no longer has are left out, and a category among them is no proposal."""

    stage = Stage.MODEL
    chunk = 1000

    def __init__(self, *, task: Task, champion: Champion) -> None:
        self._task = task
        self._scorer = champion.scorer
        self.source = f"model:{champion.name}"
        self.version = champion.version
        self.note = f"model: {champion.name}, version {champion.version}"

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        found = self._scorer.predict([item.text for item in items], [item.category for item in items])
        for row, item in enumerate(items):
            yield item, self._suggestion(found, row, item)

    def _suggestion(self, found: Predictions, row: int, item: Item) -> Suggestion | None:
        kind, labels = self._task.project.kind, self._task.labels
        category, score = None, 0.0
        probabilities: dict[str, float] = {}
        if kind.asks_category:
            category, score = found.category[row], found.confidence[row] or 0.0
            probabilities = dict(found.probabilities[row] or {})
            if category not in labels.category_names:
                return None
        tags = self._tags(found.tags[row], route_of(self._task, item, category)) if kind.asks_tags else None
        scores = found.tag_scores[row] or {}
        if category is None:
            if not tags:
                return None
            score = min(scores.get(tag, 0.0) for tag in tags)
        if tags is not None:
            probabilities |= {TAG_PREFIX + name: value for name, value in scores.items()}
        return Suggestion(answer=Answer(category, tags), score=score, probabilities=probabilities)

    def _tags(self, predicted: Sequence[str] | None, category: str | None) -> tuple[str, ...] | None:
        if predicted is None:
            return None
        allowed = set(self._task.labels.tag_names(category))
        return tuple(tag for tag in predicted if tag in allowed)
