"""The similarity stage: texts near a label's description and examples, by embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from db.types import Answer, Category, Stage, Tag
from workbench.proposing.availability import too_few_categories
from workbench.proposing.corpus import Corpus, Example
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

Vectors = NDArray[np.float32]

# A label's own words count as much as this many examples of it.
LABEL_WEIGHT = 2.0
# Unfitted, so wide that a description alone hardly ever settles a record.
DEFAULT_TEMPERATURE = 0.25
TEMPERATURES = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
# With fewer, the fit of one number would still be mostly chance.
FEWEST_TO_CALIBRATE = 30
MOST_EXAMPLES = 20_000
# Where no example says how near is near enough for a tag.
DEFAULT_TAG_MIDPOINT = 0.4
TAG_TEMPERATURE = 0.1


class Embedder(Protocol):
    """Texts → float32 (n, d) rows of length 1, all zeros where a text says nothing the embedder knows."""

    def encode(self, texts: Sequence[str], /) -> Vectors: ...
    def describe(self) -> str: ...


class SimilarityStage:
    """Cosine to one prototype per label; built by `build`."""

    stage = Stage.SIMILARITY
    source = "similarity"
    chunk = 1000

    def __init__(self, *, task: Task, embedder: Embedder, examples: Sequence[Example]) -> None:
        self._task = task
        self._embedder = embedder
        self.note = embedder.describe()
        self.version = _version(task, embedder, examples)
        known = embedder.encode([example.item.text for example in examples]) if examples else None
        self._categories = self._temperature = None
        if task.project.kind.asks_category:
            names = task.labels.category_names
            own = embedder.encode([_words_of(category) for category in task.labels.categories])
            truth = np.array([names.index(e.answer.category) if e.answer.category in names else -1 for e in examples])
            self._categories = prototypes(own, known, truth)
            self._temperature = fitted_temperature(own, known, truth)
        self._tags = self._tag_models(examples, known) if task.project.kind.asks_tags else {}

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        vectors = self._embedder.encode([item.text for item in items])
        for item, vector in zip(items, vectors, strict=True):
            yield item, self._suggest(item, vector) if vector.any() else None

    def _suggest(self, item: Item, vector: Vectors) -> Suggestion | None:
        category, score = None, 0.0
        probabilities: dict[str, float] = {}
        if self._categories is not None and self._temperature is not None:
            shares = softmax(self._categories @ vector, self._temperature)
            probabilities = dict(zip(self._task.labels.category_names, shares.tolist(), strict=True))
            category, score = best(probabilities)
        if not self._task.project.kind.asks_tags:
            return Suggestion(answer=Answer(category), score=score, probabilities=probabilities)
        route = route_of(self._task, item, category)
        yes = {tag.name: self._tags[tag].probability(vector) for tag in tags_of(self._task.labels, route)}
        if category is None and not yes:
            return None
        tags, tag_score, named = tag_suggestion(yes, self._task.settings)
        score = tag_score if category is None else score
        return Suggestion(answer=Answer(category, tags), score=score, probabilities=probabilities | named)

    def _tag_models(self, examples: Sequence[Example], known: Vectors | None) -> dict[Tag, TagModel]:
        tags = list(dict.fromkeys(tag for section in self._task.labels.tags.values() for tag in section))
        if not tags:
            return {}
        own = self._embedder.encode([f"{tag.name}. {tag.definition}" for tag in tags])
        return {tag: TagModel(own[row], *_split(tag.name, examples, known)) for row, tag in enumerate(tags)}


class TagModel:
    """Nearness to a tag's words and examples as a probability: logistic, between what has it and what has not."""

    def __init__(self, own: Vectors, having: Vectors | None, lacking: Vectors | None) -> None:
        total = own * LABEL_WEIGHT + (having.sum(axis=0) if having is not None else 0.0)
        self._prototype = _normalised(total[None, :])[0]
        self._midpoint = DEFAULT_TAG_MIDPOINT
        if having is not None and lacking is not None and len(having) and len(lacking):
            near, far = float((having @ self._prototype).mean()), float((lacking @ self._prototype).mean())
            self._midpoint = max((near + far) / 2, far)

    def probability(self, vector: Vectors) -> float:
        nearness = float(vector @ self._prototype)
        return float(1.0 / (1.0 + np.exp(-(nearness - self._midpoint) / TAG_TEMPERATURE)))


def build(task: Task, embedder: Embedder, corpus: Corpus) -> SimilarityStage | Unavailable:
    if (unavailable := too_few_categories(Stage.SIMILARITY, task)) is not None:
        return unavailable
    return SimilarityStage(task=task, embedder=embedder, examples=corpus.examples[-MOST_EXAMPLES:])


def softmax(similarities: Vectors, temperature: float) -> NDArray[np.float64]:
    """Shares that sum to 1, along the last axis."""
    scaled = similarities.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def prototypes(own: Vectors, examples: Vectors | None, truth: NDArray[np.int_]) -> Vectors:
    """One vector of length 1 per label: (labels, d) of the labels' own words plus their examples; -1 is no label."""
    return _normalised(_sums(own, examples, truth))


def fitted_temperature(own: Vectors, examples: Vectors | None, truth: NDArray[np.int_]) -> float:
    """The temperature under which the examples are likeliest, each judged by prototypes without itself."""
    used = truth >= 0
    if examples is None or used.sum() < FEWEST_TO_CALIBRATE:
        return DEFAULT_TEMPERATURE
    sums, rows, labels = _sums(own, examples, truth), examples[used], truth[used]
    similarities = rows @ _normalised(sums).T
    without = _normalised(sums[labels] - rows)
    similarities[np.arange(len(rows)), labels] = (rows * without).sum(axis=1)

    def likelihood(temperature: float) -> float:
        shares = softmax(similarities, temperature)[np.arange(len(rows)), labels]
        return float(np.log(np.maximum(shares, 1e-9)).mean())

    return max(TEMPERATURES, key=likelihood)


def _sums(own: Vectors, examples: Vectors | None, truth: NDArray[np.int_]) -> Vectors:
    sums = own * np.float32(LABEL_WEIGHT)
    if examples is not None:
        np.add.at(sums, truth[truth >= 0], examples[truth >= 0])
    return sums


def _normalised(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def _split(tag: str, examples: Sequence[Example], known: Vectors | None) -> tuple[Vectors | None, Vectors | None]:
    """Vectors of the examples that have the tag and of those that were asked for tags and have it not."""
    if known is None:
        return None, None
    has = np.array([example.answer.tags is not None and tag in example.answer.tags for example in examples])
    asked = np.array([example.answer.tags is not None for example in examples])
    return known[has], known[asked & ~has]


def _words_of(category: Category) -> str:
    return ". ".join(part for part in (category.name, category.description, ", ".join(category.keywords)) if part)


def _version(task: Task, embedder: Embedder, examples: Sequence[Example]) -> str:
    learnt: Mapping[str, object] = {e.item.text_key: (e.answer.category, e.answer.tags) for e in examples}
    catalogue = {section: [(t.name, t.definition) for t in tags] for section, tags in task.labels.tags.items()}
    words = [_words_of(category) for category in task.labels.categories]
    return fingerprint(task.project.kind, embedder.describe(), words, catalogue, learnt, task.settings.tag_threshold)
