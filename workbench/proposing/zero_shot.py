"""The zero-shot stage: a model that has seen no label compares each text with what the labels mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

from db.types import Answer, Stage
from training.zero_shot import Label, UnfitModelError, ZeroShotScorer, make_scorer
from workbench.proposing.availability import unfit_model, zero_shot_unavailable
from workbench.proposing.stage import (
    Item,
    Outcome,
    Suggestion,
    Task,
    Unavailable,
    best,
    fingerprint,
    route_of,
    tag_suggestion,
    tags_of,
)
from workbench.settings import WorkbenchSettings

# Pairs of a text and a label between two lines of progress, each saved: seconds on a CPU.
PAIRS_AT_A_TIME = {"cpu": 256, "cuda": 8_192}


class ZeroShotStage:
    """Categories first, then the tags of the category that each text has or was just given; built by `build`."""

    stage = Stage.ZERO_SHOT

    def __init__(self, *, task: Task, scorer: ZeroShotScorer) -> None:
        self._task = task
        self._scorer = scorer
        self.source = f"zero-shot:{scorer.name}"
        self.note = scorer.describe()
        self.version = _version(task, scorer)
        self.chunk = max(1, PAIRS_AT_A_TIME[scorer.device] // max(1, round(labels_of(task))))

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        kind = self._task.project.kind
        shares = self._categories(items) if kind.asks_category else [{} for _ in items]
        chosen = [best(row)[0] if row else None for row in shares]
        chances = self._tags(items, chosen) if kind.asks_tags else [None for _ in items]
        for item, category, row, tags in zip(items, chosen, shares, chances, strict=True):
            yield item, self._suggestion(category, row, tags)

    def _suggestion(
        self, category: str | None, shares: dict[str, float], chances: dict[str, float] | None
    ) -> Suggestion | None:
        score = shares[category] if category is not None else 0.0
        if chances is None:
            return Suggestion(answer=Answer(category), score=score, probabilities=shares)
        if category is None and not chances:
            return None
        tags, tag_score, named = tag_suggestion(chances, self._task.settings)
        score = tag_score if category is None else score
        return Suggestion(answer=Answer(category, tags), score=score, probabilities=shares | named)

    def _categories(self, items: Sequence[Item]) -> list[dict[str, float]]:
        labels = category_labels(self._task)
        shares = self._scorer.one_of([item.text for item in items], labels)
        return [dict(zip((label.name for label in labels), row, strict=True)) for row in shares.tolist()]

    def _tags(self, items: Sequence[Item], chosen: Sequence[str | None]) -> list[dict[str, float] | None]:
        """The chances of the tags that each item may carry; texts of one category are asked together."""
        routes = [route_of(self._task, item, category) for item, category in zip(items, chosen, strict=True)]
        found: list[dict[str, float] | None] = [{} for _ in items]
        for route in dict.fromkeys(routes):
            places = [place for place, other in enumerate(routes) if other == route]
            labels = tag_labels(self._task, route)
            chances = self._scorer.each_of([items[place].text for place in places], labels)
            for place, row in zip(places, chances.tolist(), strict=True):
                found[place] = dict(zip((label.name for label in labels), row, strict=True))
        return found


def build(task: Task, settings: WorkbenchSettings) -> ZeroShotStage | Unavailable:
    """Loads the model. Raises UserError if it cannot be had, or a label is too long for it."""
    if (unavailable := zero_shot_unavailable(task, settings)) is not None:
        return unavailable
    try:
        scorer = make_scorer(settings.zero_shot_model, template=task.settings.hypothesis_template)
    except UnfitModelError as error:
        return unfit_model(error)
    return ZeroShotStage(task=task, scorer=scorer)


def category_labels(task: Task) -> list[Label]:
    return [Label(name=category.name, description=category.description) for category in task.labels.categories]


def tag_labels(task: Task, route: str | None) -> list[Label]:
    return [Label(name=tag.name, description=tag.definition) for tag in tags_of(task.labels, route)]


def labels_of(task: Task, item: Item | None = None) -> float:
    """How many labels a text is compared with: all categories, and its tags.

    Where its category is not known beforehand, as many tags as a category has on average.
    """
    count = float(len(task.labels.categories)) if task.project.kind.asks_category else 0.0
    if task.project.kind.asks_tags:
        known = None if item is None else route_of(task, item, None)
        open_to_all = known is None and task.project.kind.asks_category
        routes: tuple[str | None, ...] = task.labels.category_names if open_to_all else (known,)
        count += mean(len(tag_labels(task, route)) for route in routes)
    return count


def _version(task: Task, scorer: ZeroShotScorer) -> str:
    catalogue = {section: [(t.name, t.definition) for t in tags] for section, tags in task.labels.tags.items()}
    words = [(category.name, category.description) for category in task.labels.categories]
    return fingerprint(task.project.kind, scorer.fingerprint, words, catalogue, task.settings.tag_threshold)
