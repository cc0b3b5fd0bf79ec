"""The words and two-word phrases of texts, told apart by their stems and written as people write them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.proposing.stems import fold, spelled, stem

Stems = tuple[str, ...]
_LONG = 4
Csr = Any  # scipy.sparse.csr_matrix: imported where it is used, as scipy takes a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words and phrases by their one or two stems; `written` is the commonest spelling of each."""

    stems: tuple[Stems, ...]
    written: tuple[str, ...]

    def presence(self, texts: Iterable[str]) -> Csr:
        """(texts, words): 1 where a text has a word."""
        place = {stems: column for column, stems in enumerate(self.stems)}
        return ones([[place[stems] for stems in _stems_in(text) if stems in place] for text in texts], len(place))


def vocabulary(texts: Iterable[str], *, least: int) -> Vocabulary:
    """What at least `least` of the texts have in them, and may be a keyword at all."""
    texts_with: Counter[Stems] = Counter()
    spellings: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        found = spelled(text)
        texts_with.update(_stems_in(text))
        spellings.update((token,) for token in found)
        spellings.update(pairwise(found))
    known = {stems for stems, count in texts_with.items() if count >= least}
    written: dict[Stems, str] = {}
    # The commonest first, so that the first spelling found of each is the one that stays.
    for tokens, _ in spellings.most_common():
        stems = tuple(stem(fold(token)) for token in tokens)
        if stems in known and _may_be_keyword(tokens):
            written.setdefault(stems, " ".join(tokens))
    return Vocabulary(stems=tuple(written), written=tuple(written.values()))


def stems_as_text(written: str) -> str:
    """What the forms of a keyword have in common, as one string."""
    return " ".join(stem(fold(token)) for token in spelled(written))


def ones(columns: Sequence[Sequence[int]], width: int) -> Csr:
    """A row for each list, with 1 in these columns."""
    from scipy.sparse import csr_matrix

    starts = np.cumsum([0, *map(len, columns)])
    places = np.array([column for row in columns for column in row], dtype=np.int64)
    return csr_matrix((np.ones(len(places)), places, starts), shape=(len(columns), width))


def counts_by_group(presence: Csr, groups: NDArray[np.int64], how_many: int) -> NDArray[np.float64]:
    """(groups, words): how many rows of each group have each word; `groups` has each row's place."""
    from scipy.sparse import csr_matrix

    rows = len(groups)
    members = csr_matrix((np.ones(rows), (groups, np.arange(rows))), shape=(how_many, rows))
    return np.asarray((members @ presence).todense())


def _stems_in(text: str) -> set[Stems]:
    """The stem of each word, and those of every two words in a row."""
    found = [stem(fold(token)) for token in spelled(text)]
    return {(one,) for one in found} | set(pairwise(found))


def _may_be_keyword(tokens: Sequence[str]) -> bool:
    """Numbers and single letters are nobody's keyword, nor are pairs of the small words that join sentences."""
    shortest = 2 if len(tokens) == 1 else _LONG
    return any(len(token) >= shortest and not token.isdigit() for token in tokens)
