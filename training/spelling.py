"""Texts as numbers: which different words there are, and which of them stand in which text, in order.

A shop's texts repeat their words a dozen times over. Whatever is looked for inside words is looked for once per
different word here, not once per occurrence, and the rest is arithmetic on arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]
Csr = Any  # scipy.sparse.csr_matrix: imported where it is used, as scipy takes a while

LONGEST = 5
# Longer words are codes and addresses; their n-grams would flood the vocabulary.
WORD_CUT = 40
# Texts are taken in parts of about this many characters, which bounds the memory of their features.
PART_CHARACTERS = 4_000_000
_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile("[а-яё]")


@dataclass(frozen=True, kw_only=True)
class Ragged:
    """Lists of whole numbers of different lengths, end to end; list i is `values[starts[i]:starts[i + 1]]`."""

    values: Ints
    starts: Ints

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Ragged:
        starts = np.concatenate([[0], np.cumsum([len(x) for x in lists], dtype=np.int64)])
        return cls(values=np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(starts[-1])), starts=starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def owners(self) -> Ints:
        """For every value, which list it is in."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def take(self, chosen: Ints) -> Ragged:
        """The lists `chosen`, in that order."""
        lengths = np.diff(self.starts)[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.starts[chosen] - starts[:-1], lengths)
        return Ragged(values=self.values[np.arange(starts[-1]) + shift], starts=starts)

    def counts(self, width: int) -> Csr:
        """How often each of `width` values stands in each list, float32 CSR; negative values are left out."""
        return counts(self.owners, self.values, (len(self), width))


@dataclass(frozen=True, kw_only=True)
class Spelled:
    """Texts as places in lists of different strings: `chunks` between spaces, and the `words` inside those."""

    chunks: list[str]
    text_chunks: Ragged
    words: list[str]
    text_words: Ragged

    @property
    def texts(self) -> int:
        return len(self.text_chunks)


def spell(texts: Sequence[str], *, stem: bool = False) -> Spelled:
    """Lower-cased; a chunk is what stands between spaces, a word a run of letters and digits, or its stem."""
    reduce = _stemmer() if stem else str
    chunks: dict[str, int] = {}
    split = [[chunks.setdefault(chunk, len(chunks)) for chunk in text.lower().split()] for text in texts]
    text_chunks = Ragged.of(split)
    words: dict[str, int] = {}
    inside = Ragged.of(
        [[words.setdefault(reduce(word), len(words)) for word in _WORD.findall(chunk)] for chunk in chunks]
    )
    spread = inside.take(text_chunks.values)
    # Chunk borders fall away: a text's words are those of its chunks, one after another.
    text_words = Ragged(values=spread.values, starts=spread.starts[text_chunks.starts])
    return Spelled(chunks=list(chunks), text_chunks=text_chunks, words=list(words), text_words=text_words)


def _stemmer() -> Callable[[str], str]:
    """Words → stems: Russian where there is a Cyrillic letter, else English (Porter 2001, "Snowball").

    Made anew for every call: a stemmer keeps its word in itself, so threads must not share one.
    """
    from snowballstemmer import stemmer

    russian, english = stemmer("russian"), stemmer("english")

    def reduce(word: str) -> str:
        stem: str = (russian if _CYRILLIC.search(word) else english).stemWord(word)
        return stem

    return reduce


def char_ngrams(chunk: str, shortest: int) -> list[str]:
    """The n-grams of `shortest` to 5 characters of a chunk with a space at both ends (scikit-learn's char_wb)."""
    padded = f" {chunk[:WORD_CUT]} "
    size = len(padded)
    return [padded[i : i + n] for n in range(shortest, min(LONGEST, size) + 1) for i in range(size - n + 1)]


def neighbours(text_words: Ragged) -> tuple[Ints, Ints, Ints]:
    """(text, word, next word) for every two words in a row."""
    owners, values = text_words.owners, text_words.values
    together = owners[:-1] == owners[1:]
    return owners[:-1][together], values[:-1][together], values[1:][together]


def counts(owners: Ints, columns: Ints, shape: tuple[int, int]) -> Csr:
    """How often each owner (row) has each column, float32 CSR; negative columns are left out."""
    from scipy.sparse import csr_matrix

    known = columns >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return csr_matrix((ones, (owners[known], columns[known])), shape=shape)


def parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """`texts` in order, in parts of bounded size."""
    start, size = 0, 0
    for end, text in enumerate(texts):
        if size > PART_CHARACTERS:
            yield texts[start:end]
            start, size = end, 0
        size += len(text)
    if start < len(texts):
        yield texts[start:]
