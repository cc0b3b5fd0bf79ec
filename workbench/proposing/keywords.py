"""The keywords stage: categories by the words that people listed for them, tags by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from db.proposals import TAG_PREFIX
from db.types import Answer, LabelSet, Stage
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
from workbench.proposing.stems import fold, stem, words

# The weight, in keywords, of all other categories together before any hit: one hit gives 0.83 to 0.86, two 0.91 to
# 0.92, so that at the default threshold of 0.9 two keywords for one category, and none for another, settle it.
PRIOR_WEIGHT = 0.2
TAG_SCORE = 0.8
# "не удобный" does not say "удобный".
NEGATIONS = frozenset({"не", "нет", "без", "ни", "not", "no", "never", "without"})
_SHORTEST_STUB = 4
_SHORTEST_STEM_STUB = 5


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword or phrase of one label, with its words folded."""

    label: str
    written: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    keyword: str
    found: str


@dataclass
class KeywordIndex:
    """Finds keywords in texts. `stubs` lets a keyword match at a word's start; without it, stems must be equal."""

    keywords: Sequence[Keyword]
    stubs: bool = True
    _starts: dict[str, list[str]] = field(init=False, repr=False)
    _first: dict[str, list[Keyword]] = field(init=False, repr=False)
    _seen: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._starts, self._first = {}, {}
        for word in dict.fromkeys(word for keyword in self.keywords for word in keyword.words):
            # Two letters survive stemming, so they are enough to rule most words out before it.
            self._starts.setdefault(word[:2], []).append(word)
        for keyword in self.keywords:
            self._first.setdefault(keyword.words[0], []).append(keyword)

    def hits(self, text: str) -> list[Hit]:
        """The distinct keywords in `text`, each with the words it was found as, in the order of the text."""
        tokens = words(text)
        matched = [self._matching(token) for token in tokens]
        found: dict[Keyword, Hit] = {}
        for start, candidates in enumerate(matched):
            for keyword in (k for word in candidates for k in self._first.get(word, ())):
                end = start + len(keyword.words)
                if keyword not in found and self._follows(keyword, matched[start:end]):
                    found[keyword] = Hit(keyword.label, keyword.written, " ".join(tokens[start:end]))
        return list(found.values())

    def negated(self, text: str, hit: Hit) -> bool:
        """Whether the words of `hit` stand right behind a negation everywhere in `text`."""
        tokens, wanted = words(text), hit.found.split()
        places = [i for i in range(len(tokens)) if tokens[i : i + len(wanted)] == wanted]
        return all(i > 0 and tokens[i - 1] in NEGATIONS for i in places)

    @staticmethod
    def _follows(keyword: Keyword, matched: Sequence[tuple[str, ...]]) -> bool:
        return len(matched) == len(keyword.words) and all(
            word in candidates for word, candidates in zip(keyword.words, matched, strict=True)
        )

    def _matching(self, token: str) -> tuple[str, ...]:
        known = self._seen.get(token)
        if known is None:
            candidates = self._starts.get(token[:2], ())
            known = self._seen[token] = tuple(w for w in candidates if matches(w, token, stubs=self.stubs))
        return known


def matches(keyword: str, word: str, *, stubs: bool = True) -> bool:
    """Whether a folded keyword matches a folded word of a text.

    Up to two letters only the same word does; longer ones match by stem, and from four letters on (five for the stem)
    also at the start of a word: «футбол» finds «футболка», «тв» never «качество».
    """
    if keyword == word:
        return True
    if len(keyword) <= 2:
        return False
    keyword_stem = stem(keyword)
    if stem(word) == keyword_stem:
        return True
    stub = len(keyword) >= _SHORTEST_STUB and word.startswith(keyword)
    stem_stub = len(keyword_stem) >= _SHORTEST_STEM_STUB and word.startswith(keyword_stem)
    return stubs and (stub or stem_stub)


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
        self._tags: dict[str | None, KeywordIndex] = {}
        names = task.labels.category_names
        self.version = fingerprint(task.project.kind, names, _written(listed), _tag_names(task.labels))
        self.note = f"keywords: {len(listed)} for {len({k.label for k in listed})} categories" if listed else ""

    def propose(self, items: Sequence[Item]) -> Iterator[tuple[Item, Outcome]]:
        for item in items:
            yield item, self._suggest(item)

    def _suggest(self, item: Item) -> Suggestion | None:
        kind, names = self._task.project.kind, self._task.labels.category_names
        hits = self._categories.hits(item.text) if kind.asks_category else []
        if kind.asks_category and not hits:
            return None
        probabilities: dict[str, float] = {}
        category, score = None, TAG_SCORE
        if hits:
            counts = {name: sum(hit.label == name for hit in hits) for name in {hit.label for hit in hits}}
            probabilities = category_probabilities(counts, names)
            category, score = best(probabilities)
        tags = self._tag_hits(item, route_of(self._task, item, category)) if kind.asks_tags else []
        if category is None and not tags:
            return None
        probabilities |= {TAG_PREFIX + hit.label: TAG_SCORE for hit in tags}
        return Suggestion(
            # Words can say that a tag applies, never that none does: no hit means not asked.
            answer=Answer(category, tuple(hit.label for hit in tags) or None),
            score=score,
            probabilities=probabilities,
            rationale=_rationale([*(h for h in hits if h.label == category), *tags]),
        )

    def _tag_hits(self, item: Item, category: str | None) -> list[Hit]:
        if category not in self._tags:
            listed = [_keyword(tag.name, tag.name) for tag in tags_of(self._task.labels, category)]
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
    listed = [_keyword(category.name, written) for category in labels.categories for written in category.keywords]
    return list(dict.fromkeys(keyword for keyword in listed if keyword is not None))


def _keyword(label: str, written: str) -> Keyword | None:
    parts = tuple(words(written))
    return Keyword(label, fold(written).strip(), parts) if parts else None


def _written(listed: Sequence[Keyword]) -> list[tuple[str, str]]:
    return [(keyword.label, keyword.written) for keyword in listed]


def _tag_names(labels: LabelSet) -> dict[str, list[str]]:
    return {section: [tag.name for tag in tags] for section, tags in labels.tags.items() if tags}


def _rationale(hits: Sequence[Hit]) -> str:
    found = dict.fromkeys(f"{hit.found} ({hit.keyword})" if hit.found != hit.keyword else hit.found for hit in hits)
    return ", ".join(found)
