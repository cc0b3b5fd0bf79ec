"""Texts → sparse TF-IDF of words, word pairs and the character n-grams inside words.

The features of scikit-learn's `TfidfVectorizer` with the analysers "word" (1–2) and "char_wb" (2–5), sublinear
counts and blocks of length 1 each; `training.spelling` is why they are several times faster here. What is learned are
lists of strings and a few arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.folders import read_arrays, read_json, write_arrays, write_json
from training.spelling import Csr, Ints, Ragged, Spelled, char_ngrams, counts, neighbours, parts, spell

# A feature of a single text says nothing about another one, unless there are hardly any texts.
MIN_TEXTS, FEW_TEXTS = 2, 50
MOST_GRAMS = 400_000


@dataclass(frozen=True, kw_only=True)
class NgramFeatures:
    """Fitted features; the columns are words (stems, if `stem`), then word pairs, then character n-grams.

    `pairs` (p, 2) are places in `words`, in ascending order; `idf` is one float32 weight per column.
    """

    words: tuple[str, ...]
    pairs: NDArray[np.int64]
    grams: tuple[str, ...]
    idf: NDArray[np.float32]
    stem: bool
    shortest: int

    @property
    def size(self) -> int:
        return len(self.idf)

    def transform(self, texts: Sequence[str]) -> Csr:
        """CSR float32 (n, size). A text that shares nothing with the fitted ones is an empty row."""
        from scipy.sparse import csr_matrix, vstack

        found = [self._weigh(_blocks(spell(part, stem=self.stem), self)) for part in parts(texts)]
        if len(found) == 1:
            return found[0]
        return vstack(found, format="csr") if found else csr_matrix((0, self.size), dtype=np.float32)

    def save(self, folder: Path) -> None:
        write_json(
            folder / "ngrams.json",
            {"words": self.words, "grams": self.grams, "stem": self.stem, "shortest": self.shortest},
        )
        write_arrays(folder / "ngrams.safetensors", {"pairs": self.pairs, "idf": self.idf})

    @classmethod
    def load(cls, folder: Path) -> NgramFeatures:
        names, arrays = read_json(folder / "ngrams.json"), read_arrays(folder / "ngrams.safetensors")
        return cls(
            words=tuple(names["words"]),
            grams=tuple(names["grams"]),
            pairs=arrays["pairs"],
            idf=arrays["idf"],
            stem=names["stem"],
            shortest=names["shortest"],
        )

    def _weigh(self, blocks: Sequence[Csr]) -> Csr:
        from scipy.sparse import hstack

        ends = np.cumsum([block.shape[1] for block in blocks])
        weighed = [_tfidf(block, self.idf[end - block.shape[1] : end]) for block, end in zip(blocks, ends, strict=True)]
        return hstack(weighed, format="csr")

    @cached_property
    def _word_places(self) -> Mapping[str, int]:
        return {word: place for place, word in enumerate(self.words)}

    @cached_property
    def _gram_places(self) -> Mapping[str, int]:
        return {gram: place for place, gram in enumerate(self.grams)}

    @cached_property
    def _pair_keys(self) -> Ints:
        return self.pairs[:, 0] * len(self.words) + self.pairs[:, 1]


def fit_ngrams(
    texts: Sequence[str], *, stem: bool = False, pairs: bool = True, shortest: int = 2, most_grams: int = MOST_GRAMS
) -> tuple[NgramFeatures, Csr]:
    """The features of `texts`, and what they are on these texts, CSR float32 (n, size).

    `stem` reduces words (not n-grams) to their stems: worth it where labels are few. Without `pairs` there are no word
    pairs; n-grams have `shortest` to 5 characters, and with `most_grams` 0 there are none.
    """
    spelled = spell(texts, stem=stem)
    least = MIN_TEXTS if spelled.texts > FEW_TEXTS else 1
    word_block, words = _frequent(spelled.text_words.counts(len(spelled.words)), least)
    pair_block, pair_places = _frequent_pairs(spelled, words if pairs else words[:0], least)
    names: dict[str, int] = {}
    # The n-grams of a text are those of its chunks: texts × chunks · chunks × n-grams.
    spelt = _grams_of(spelled.chunks if most_grams else [], shortest, lambda gram: names.setdefault(gram, len(names)))
    gram_counts = spelled.text_chunks.counts(len(spelled.chunks))[:, : len(spelt)] @ spelt.counts(len(names))
    gram_block, grams = _frequent(gram_counts, least, most=most_grams)
    blocks, gram_names = [word_block, pair_block, gram_block], list(names)
    features = NgramFeatures(
        words=tuple(spelled.words[w] for w in words),
        pairs=pair_places,
        grams=tuple(gram_names[g] for g in grams),
        idf=np.concatenate([_idf(block) for block in blocks]),
        stem=stem,
        shortest=shortest,
    )
    return features, features._weigh(blocks)


def _blocks(spelled: Spelled, features: NgramFeatures) -> list[Csr]:
    """Counts of the fitted features in texts: words, pairs, character n-grams."""
    places = np.array([features._word_places.get(word, -1) for word in spelled.words], dtype=np.int64)
    owners, first, second = neighbours(spelled.text_words)
    pair_places = _find_pairs(places[first], places[second], features)
    known = Ragged(values=places[spelled.text_words.values], starts=spelled.text_words.starts)
    gram_places = features._gram_places
    spelt = _grams_of(spelled.chunks if gram_places else [], features.shortest, lambda gram: gram_places.get(gram, -1))
    return [
        known.counts(len(features.words)),
        counts(owners, pair_places, (spelled.texts, len(features.pairs))),
        spelled.text_chunks.counts(len(spelled.chunks))[:, : len(spelt)] @ spelt.counts(len(features.grams)),
    ]


def _grams_of(chunks: Sequence[str], shortest: int, place: Callable[[str], int]) -> Ragged:
    return Ragged.of([[place(gram) for gram in char_ngrams(chunk, shortest)] for chunk in chunks])


def _find_pairs(first: Ints, second: Ints, features: NgramFeatures) -> Ints:
    """The column of each pair of word places, -1 where it is none."""
    keys = features._pair_keys
    if len(keys) == 0:
        return np.full(len(first), -1)
    wanted = first * len(features.words) + second
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((keys[at] == wanted) & (first >= 0) & (second >= 0), at, -1)


def _frequent(block: Csr, least: int, most: int | None = None) -> tuple[Csr, Ints]:
    """The columns in at least `least` texts, at most the `most` commonest of them, and their places."""
    frequency = np.bincount(block.indices, minlength=block.shape[1])
    kept = np.flatnonzero(frequency >= least)
    if most is not None and len(kept) > most:
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[:most]])
    return block[:, kept], kept


def _frequent_pairs(spelled: Spelled, words: Ints, least: int) -> tuple[Csr, NDArray[np.int64]]:
    """A frequent pair consists of frequent words, so that it is written as their places among `words`."""
    places = np.full(len(spelled.words), -1)
    places[words] = np.arange(len(words))
    owners, first, second = neighbours(spelled.text_words)
    first, second = places[first], places[second]
    known = (first >= 0) & (second >= 0)
    keys, columns = np.unique(first[known] * len(words) + second[known], return_inverse=True)
    block, kept = _frequent(counts(owners[known], columns, (spelled.texts, len(keys))), least)
    return block, np.stack([keys[kept] // max(1, len(words)), keys[kept] % max(1, len(words))], axis=1)


def _idf(block: Csr) -> NDArray[np.float32]:
    frequency = np.bincount(block.indices, minlength=block.shape[1])
    return np.asarray(np.log((1 + block.shape[0]) / (1 + frequency)) + 1, dtype=np.float32)


def _tfidf(block: Csr, idf: NDArray[np.float32]) -> Csr:
    """Counts → (1 + log count) · idf, rows of length 1; changes the block in place."""
    block.data = (1 + np.log(block.data)) * idf[block.indices]
    lengths = np.diff(block.indptr)
    rows = np.repeat(np.arange(block.shape[0]), lengths)
    norm = np.sqrt(np.bincount(rows, weights=block.data**2, minlength=block.shape[0]))
    block.data /= np.repeat(norm, lengths).astype(np.float32)
    return block
