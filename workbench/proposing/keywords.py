"""The keywords stage: categories by the words that people listed for them, tags by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from db.proposals import TAG_PREFIX
from db.types import Answer, LabelSet, Stage
from workbench.proposing.keyword_index import Hit, Keyword, KeywordIndex, keyword_of
from workbench.proposing.stage import (
    Item,
    Lack,
    Outcome,
    Suggestion,
    Task,
    Unavailable,
    best,
    fingerprint,
    route_of,
    tags_of,
)

# The weight, in keywords, of all other categories together before any hit: one hit gives 0.83 to 0.86, two 0.91 to
# 0.92, so that at the default threshold of 0.9 two keywords for one category, and none for another, settle it.
PRIOR_WEIGHT = 0.2
TAG_SCORE = 0.8


def category_probabilities(hits: Mapping[str, int], categories: Sequence[str]) -> dict[str, float]:
    """A probability for every category from the number of distinct keywords found for each; pure.

    The share of hits, smoothed towards equal shares by `PRIOR_WEIGHT`; sums to 1, equal without a hit.
    """
    prior = PRIOR_WEIGHT / max(1, len(categories) - 1)
    total = sum(hits.get(name, 0) for name in categories) + prior * len(categories)
    return {name: (hits.get(name, 0) + prior) / total for name in categories}


class KeywordStage:
    """Built by `build`; `propose` says nothing about texts without a keyword or tag name in them."""

    stage = Stage.KEYWORDS
    source = "keywords"
    chunk = 2000

    def __init__(self, task: Task) -> None:
        self._task = task
        listed = _listed(task.labels) if task.project.kind.asks_category else []
        self._categories = KeywordIndex(listed)
        self._asks_category, self._asks_tags = task.project.kind.asks_category, task.project.kind.asks_tags
        self._tags: dict[str | None, KeywordIndex] = {}
        self._names = names = task.labels.category_names
        self._shares: dict[tuple[str, ...], tuple[dict[str, float], str, float]] = {}
        self.version = fingerprint(task.project.kind, names, _written(listed), _tag_names(task.labels))
        self.note = f"keywords: {len(listed)} for {len({k.label for k in listed})} categories" if listed else ""

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        for item in items:
            yield item, self._suggest(item)

    def _suggest(self, item: Item) -> Suggestion | None:
        hits = self._categories.hits(item.text) if self._asks_category else []
        if self._asks_category and not hits:
            return None
        probabilities, category, score = self._weighed(hits) if hits else ({}, None, TAG_SCORE)
        tags = self._tag_hits(item, route_of(self._task, item, category)) if self._asks_tags else []
        if category is None and not tags:
            return None
        return Suggestion(
            # Words can say that a tag applies, never that none does: no hit means not asked.
            answer=Answer(category, tuple(hit.label for hit in tags) or None),
            score=score,
            probabilities=probabilities | {TAG_PREFIX + hit.label: TAG_SCORE for hit in tags},
            rationale=_rationale([*(h for h in hits if h.label == category), *tags]),
        )

    def _weighed(self, hits: Sequence[Hit]) -> tuple[dict[str, float], str | None, float]:
        """(probabilities, category, score); few combinations of hits are met again and again."""
        labels = tuple(hit.label for hit in hits)
        known = self._shares.get(labels)
        if known is None:
            probabilities = category_probabilities(Counter(labels), self._names)
            known = self._shares[labels] = (probabilities, *best(probabilities))
        return known

    def _tag_hits(self, item: Item, category: str | None) -> list[Hit]:
        if category not in self._tags:
            listed = [keyword_of(tag.name, tag.name) for tag in tags_of(self._task.labels, category)]
            self._tags[category] = KeywordIndex([k for k in listed if k is not None], stubs=False)
        index = self._tags[category]
        return [hit for hit in index.hits(item.text) if not index.negated(item.text, hit)]


def build(task: Task) -> KeywordStage | Unavailable:
    kind, labels = task.project.kind, task.labels
    if kind.asks_category and not _listed(labels):
        reason = "no category has keywords yet; add them with: workbench labels PROJECT --set labels.yaml"
        return Unavailable(stage=Stage.KEYWORDS, lack=Lack.KEYWORDS, reason=reason)
    if not kind.asks_category and not _tag_names(labels):
        return Unavailable(stage=Stage.KEYWORDS, lack=Lack.TAGS, reason="the tag catalogue is empty")
    return KeywordStage(task)


def _listed(labels: LabelSet) -> list[Keyword]:
    listed = [keyword_of(category.name, written) for category in labels.categories for written in category.keywords]
    return list(dict.fromkeys(keyword for keyword in listed if keyword is not None))


def _written(listed: Sequence[Keyword]) -> list[tuple[str, str]]:
    return [(keyword.label, keyword.written) for keyword in listed]


def _tag_names(labels: LabelSet) -> dict[str, list[str]]:
    return {section: [tag.name for tag in tags] for section, tags in labels.tags.items() if tags}


def _rationale(hits: Sequence[Hit]) -> str:
    found = dict.fromkeys(f"{hit.found} ({hit.keyword})" if hit.found != hit.keyword else hit.found for hit in hits)
    return ", ".join(found)
