"""Latent semantic analysis: vectors from a project's own words, with nothing to download.

Deerwester et al. 1990, "Indexing by latent semantic analysis": TF-IDF of words and of character n-grams, reduced by a
truncated singular value decomposition (randomised: Halko, Martinsson and Tropp 2011).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError

DIMENSIONS = 128
SAMPLE = 20_000
CHUNK = 20_000
# Below so many different words, a word seen once is still worth knowing.
RARE_WORDS_COUNT = 1_000
SUGGESTION = "intfloat/multilingual-e5-small"
_ANALYSERS: Mapping[str, Mapping[str, Any]] = {
    "words": {"analyzer": "word", "token_pattern": r"\w+"},
    "chars": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}
_MOST = {"words": 8_000, "chars": 12_000}
_META, _ARRAYS = "lsa.json", "lsa.npz"


@dataclass(frozen=True, kw_only=True)
class Features:
    """The features of one kind (words or character n-grams) and the inverse document frequency of each, (f,)."""

    kind: str
    names: tuple[str, ...]
    idf: NDArray[np.float32]

    @cached_property
    def _counter(self) -> Any:
        vocabulary = {name: column for column, name in enumerate(self.names)}
        return _counter(self.kind, vocabulary=vocabulary) if vocabulary else None

    def weigh(self, counts: Any, words: Sequence[str]) -> Any:
        """Sublinear TF-IDF of texts given as sparse word counts (n, w), rows of length 1 or 0: sparse (n, f)."""
        from scipy.sparse import csr_matrix, diags_array
        from sklearn.preprocessing import normalize

        if self._counter is None:
            return csr_matrix((counts.shape[0], 0), dtype=np.float32)
        weighed = counts @ self._counter.transform(words)
        weighed.data = 1 + np.log(weighed.data)
        return normalize(weighed @ diags_array(self.idf))


@dataclass(frozen=True, kw_only=True)
class LsaEmbedder:
    """Texts → vectors by a projection (f, d) of the weighed features of `fitted_on` texts."""

    features: tuple[Features, ...]
    projection: NDArray[np.float32] = field(repr=False)
    fitted_on: int
    cyrillic: bool

    def encode(self, texts: Sequence[str], *, passage: bool = False) -> NDArray[np.float32]:
        """Rows of length 1, float32 (n, d); a text that shares nothing with the fitted ones is all zeros."""
        vectors = np.zeros((len(texts), self.projection.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), CHUNK):
            weighed = _weigh(self.features, *_spell(texts[start : start + CHUNK]))
            vectors[start : start + CHUNK] = weighed @ self.projection
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        vectors /= lengths
        return vectors

    def describe(self) -> str:
        records = f"{self.fitted_on:,}".replace(",", " ")
        gain = "Russian" if self.cyrillic else "meaning"
        return f"embedder: LSA on {records} records — set WORKBENCH_EMBEDDER={SUGGESTION} for better {gain}"

    def save(self, folder: Path) -> None:
        """Plain JSON and arrays: nothing in them can run."""
        folder.mkdir(parents=True, exist_ok=True)
        meta = {
            "features": {block.kind: list(block.names) for block in self.features},
            "fitted_on": self.fitted_on,
            "cyrillic": self.cyrillic,
        }
        (folder / _META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        weights: dict[str, Any] = {block.kind: block.idf for block in self.features}
        np.savez(folder / _ARRAYS, projection=self.projection, **weights)


def load_lsa(folder: Path) -> LsaEmbedder:
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
        return LsaEmbedder(
            features=tuple(
                Features(kind=kind, names=tuple(names), idf=arrays[kind]) for kind, names in meta["features"].items()
            ),
            projection=arrays["projection"],
            fitted_on=meta["fitted_on"],
            cyrillic=meta["cyrillic"],
        )


def fit_lsa(texts: Sequence[str], *, dimensions: int = DIMENSIONS, seed: int = 0) -> LsaEmbedder:
    """Fit on `texts`, or on a seeded sample of them where there are very many.

    Fewer dimensions come out of tiny corpora, one at least. Raises UserError if every text is empty.
    """
    from sklearn.utils.extmath import randomized_svd

    sample = _sample(texts, seed)
    counts, words = _spell(sample)
    if not words:
        raise UserError("cannot fit an embedder: every text is empty")
    features = tuple(_choose(kind, counts, words) for kind in _ANALYSERS)
    weighed = _weigh(features, counts, words)
    rank = min(dimensions, *weighed.shape)
    _, strength, components = randomized_svd(weighed, rank, n_iter=4, random_state=seed)
    # Directions without strength are rounding noise that normalisation would blow up.
    kept = strength > 1e-4 * strength[0]
    return LsaEmbedder(
        features=features,
        projection=np.ascontiguousarray(components[kept].T, dtype=np.float32),
        fitted_on=len(texts),
        cyrillic=sum(bool(re.search("[а-яё]", text.lower())) for text in sample) * 2 > len(sample),
    )


def _sample(texts: Sequence[str], seed: int) -> Sequence[str]:
    if len(texts) <= SAMPLE:
        return texts
    chosen = np.sort(np.random.default_rng(seed).choice(len(texts), SAMPLE, replace=False))
    return [texts[i] for i in chosen]


def _spell(texts: Sequence[str]) -> tuple[Any, list[str]]:
    """Counts (n, w), sparse, of the texts' space-separated words, and those words.

    Both kinds of features lie within words, so they are looked for once per different word, not once per
    occurrence: on 100 000 titles this is several times faster than reading every text.
    """
    from scipy.sparse import csr_matrix

    split = [text.lower().split() for text in texts]
    columns: dict[str, int] = {}
    indices = [columns.setdefault(word, len(columns)) for words in split for word in words]
    ends = np.cumsum([0, *map(len, split)])
    counts = csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape=(len(split), len(columns)))
    counts.sum_duplicates()
    return counts, list(columns)


def _choose(kind: str, counts: Any, words: Sequence[str]) -> Features:
    """The features of one kind that occur in most texts, with their smoothed inverse document frequency."""
    counter = _counter(kind)
    try:
        found = counts @ counter.fit_transform(words)
    except ValueError:
        # scikit-learn's "empty vocabulary": texts of punctuation alone have no words.
        return Features(kind=kind, names=(), idf=np.empty(0, np.float32))
    frequency = np.bincount(found.indices, minlength=found.shape[1])
    rare = 1 if len(words) < RARE_WORDS_COUNT else 2
    order = np.argsort(-frequency, kind="stable")[: _MOST[kind]]
    chosen = np.sort(order[frequency[order] >= rare])
    idf = np.log((1 + counts.shape[0]) / (1 + frequency[chosen])) + 1
    return Features(kind=kind, names=tuple(counter.get_feature_names_out()[chosen]), idf=idf.astype(np.float32))


def _counter(kind: str, vocabulary: Mapping[str, int] | None = None) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(**_ANALYSERS[kind], vocabulary=vocabulary, lowercase=False, dtype=np.float32)


def _weigh(features: Sequence[Features], counts: Any, words: Sequence[str]) -> Any:
    from scipy.sparse import hstack

    return hstack([block.weigh(counts, words) for block in features], format="csr")
