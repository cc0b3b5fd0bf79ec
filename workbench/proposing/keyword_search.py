"""From texts and people's answers to advice on keywords. Pure.

What a word would catch is counted by the keywords stage's own index, so that what is promised is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from db.dismissed_keywords import Advice, Dismissal
from db.types import LabelSet
from training.intervals import wilson
from workbench.proposing.keyword_advice import Example, KeywordAdvice
from workbench.proposing.keyword_choice import Floats, Ints, Minimums, judge, telling
from workbench.proposing.keyword_index import KeywordIndex, keyword_of
from workbench.proposing.keyword_texts import FOLDS, KeywordTexts
from workbench.proposing.keyword_words import Csr, counts_by_group, ones, stems_as_text, vocabulary
from workbench.proposing.stems import fold

MOST_PER_CATEGORY = 20
_EXAMPLES, _LETTERS_AROUND = 2, 90
# Enough to know how common a word is in texts of any kind.
_BACKGROUND_TEXTS = 5_000


def catches(written: Sequence[str], texts: Iterable[str]) -> Csr:
    """(texts, keywords): 1 where the keywords stage finds the keyword in the text."""
    columns: dict[str, list[int]] = {}
    keywords = []
    for column, keyword in enumerate(keyword_of("", one) for one in written):
        if keyword is not None:
            columns.setdefault(keyword.written, []).append(column)
            keywords.append(keyword)
    index = KeywordIndex(list(dict.fromkeys(keywords)))
    return ones([[c for hit in index.hits(text) for c in columns[hit.keyword]] for text in texts], len(written))


@dataclass
class KeywordSearch:
    """`dismissed` advice is not given; `only` is the one category that is looked at, or None for all."""

    labels: LabelSet
    texts: KeywordTexts
    minimums: Minimums
    dismissed: set[Dismissal] = field(default_factory=set)
    only: str | None = None

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.labels.category_names)}
        self._names = list(places)
        self._answered = [one.text for one in self.texts.answered]
        self._groups: Ints = np.array([places[one.category] for one in self.texts.answered], dtype=np.int64)
        self._folds: Ints = np.array([one.fold for one in self.texts.answered], dtype=np.int64)

    def advice(self) -> tuple[tuple[KeywordAdvice, ...], tuple[KeywordAdvice, ...]]:
        """(new, harmful), each with what it catches of the records that nobody has answered."""
        new, harmful = self._new(), self._harmful()
        told = self._with_open(self._with_examples([*new, *harmful]))
        return tuple(told[: len(new)]), tuple(told[len(new) :])

    def _new(self) -> list[KeywordAdvice]:
        words = vocabulary(self._answered, least=self.minimums.right)
        there = words.presence(self._answered)
        background = words.presence(self.texts.background[:_BACKGROUND_TEXTS]).sum(axis=0) + there.sum(axis=0)
        mean_words = there.sum() / max(1, len(self._answered))
        tried = telling(self._by_fold(there), np.asarray(background)[0], mean_words)
        columns = np.flatnonzero(tried.any(axis=(0, 1)))
        written = [words.written[column] for column in columns]
        judged = judge(tried[:, :, columns], self._by_fold(catches(written, self._answered)), self.minimums)
        found = [
            self._told(Advice.ADD, int(category), written[word], counts)
            for category, word, counts in zip(judged.categories, judged.words, judged.caught, strict=True)
        ]
        return self._best([one for one in found if self._is_enough(one)])

    def _harmful(self) -> list[KeywordAdvice]:
        """Nobody chose the listed ones by these answers just now, so they are judged by all of them."""
        listed = [(place, word) for place, category in enumerate(self.labels.categories) for word in category.keywords]
        counts = self._by_fold(catches([word for _, word in listed], self._answered)).sum(axis=0).astype(np.int64)
        found = [
            self._told(Advice.REMOVE, place, word, counts[:, column]) for column, (place, word) in enumerate(listed)
        ]
        harmful = [one for one in found if one.wrong_in_all > one.right and one.wrong_in_all >= self.minimums.right]
        harmful.sort(key=lambda one: (self._names.index(one.category), one.right - one.wrong_in_all))
        return [one for one in harmful if self._is_wanted(one)]

    def _by_fold(self, matrix: Csr) -> Floats:
        """(folds, categories, words) counts of texts."""
        k = len(self._names)
        counts = counts_by_group(matrix, self._folds * k + self._groups, FOLDS * k)
        return counts.reshape(FOLDS, k, matrix.shape[1])

    def _told(self, advice: Advice, place: int, word: str, counts: NDArray[np.int64]) -> KeywordAdvice:
        right, total = int(counts[place]), int(counts.sum())
        others = [other for other in np.argsort(-counts, kind="stable") if other != place and counts[other]]
        return KeywordAdvice(
            advice=advice,
            category=self._names[place],
            word=word,
            right=right,
            wrong={self._names[other]: int(counts[other]) for other in others},
            precision=right / total if total else 0.0,
            lower=wilson(right, total)[0],
        )

    def _is_enough(self, one: KeywordAdvice) -> bool:
        least = self.minimums
        share = float(np.mean(self._groups == self._names.index(one.category)))
        enough = one.right >= least.right and one.precision >= least.precision
        return enough and one.lower >= max(least.lower, share) and self._is_wanted(one)

    def _is_wanted(self, one: KeywordAdvice) -> bool:
        told = Dismissal(advice=one.advice, category=one.category, stems=stems_as_text(one.word))
        return self.only in (None, one.category) and told not in self.dismissed

    def _best(self, found: Sequence[KeywordAdvice]) -> list[KeywordAdvice]:
        """Of each category those that neither a listed keyword nor a better one finds already."""
        best: list[KeywordAdvice] = []
        for category in self.labels.categories:
            own = [one for one in found if one.category == category.name]
            # A phrase with a keyword in it finds nothing that the keyword does not, so single words come first.
            own.sort(key=lambda one: (" " in one.word, -one.lower, -one.right, one.word))
            kept: list[KeywordAdvice] = []
            for one in own:
                if not catches([*category.keywords, *(other.word for other in kept)], [one.word]).nnz:
                    kept.append(one)
            kept.sort(key=lambda one: (-one.lower, -one.right, one.word))
            best += kept[:MOST_PER_CATEGORY]
        return best

    def _with_open(self, told: Sequence[KeywordAdvice]) -> list[KeywordAdvice]:
        if not told:
            return []
        listed = [word for category in self.labels.categories for word in category.keywords]
        caught = catches([*(one.word for one in told), *listed], self.texts.open)
        records = np.fromiter(self.texts.open.values(), dtype=np.float64, count=len(self.texts.open))
        known = np.asarray(caught[:, len(told) :].sum(axis=1)).ravel() > 0
        in_all, fresh = (caught[:, : len(told)].T @ weights for weights in (records, records * ~known))
        return [
            replace(one, records=self.texts.scaled(int(in_all[at])), fresh=self.texts.scaled(int(fresh[at])))
            for at, one in enumerate(told)
        ]

    def _with_examples(self, told: Sequence[KeywordAdvice]) -> list[KeywordAdvice]:
        caught = catches([one.word for one in told], self._answered).tocsc()
        columns = [caught.indices[start:end] for start, end in pairwise(caught.indptr)]
        return [
            replace(one, examples=self._examples(one, rows, True), against=self._examples(one, rows, False))
            for one, rows in zip(told, columns, strict=True)
        ]

    def _examples(self, one: KeywordAdvice, rows: Iterable[int], right: bool) -> tuple[Example, ...]:
        chosen = [self.texts.answered[row] for row in rows]
        chosen = [text for text in chosen if (text.category == one.category) is right][:_EXAMPLES]
        return tuple(Example(text=around(text.text, one.word), category=text.category) for text in chosen)


def around(text: str, word: str) -> str:
    """A piece of `text` that has `word` in it, where it is long."""
    keyword = keyword_of("", word)
    found = KeywordIndex([keyword] if keyword else []).hits(text)
    plain = " ".join(text.split())
    at = fold(plain).find(found[0].found.split()[0]) if found else 0
    start, end = max(0, at - _LETTERS_AROUND), at + _LETTERS_AROUND
    return ("…" if start else "") + plain[start:end].strip() + ("…" if end < len(plain) else "")
