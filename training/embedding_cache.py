"""Vectors of a project's texts, kept on disk: after a promotion only the model's scores are new, not the texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.embedders import AUTO, make_embedder

Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Vectors float32 (n, d) of length 1, and the embedder's own line about itself."""

    vectors: Vectors
    description: str


@dataclass(frozen=True, kw_only=True)
class EmbeddingCache:
    """One file per project and embedder in `folder` (`<home>/data/embeddings`)."""

    folder: Path
    embedder: str = AUTO

    def embed(self, project: str, keys: Sequence[str], texts: Sequence[str]) -> Embedded:
        """Vectors of all the project's texts, in the order of their text keys.

        A named model encodes only the texts it has not seen. LSA is a model of the very texts, so new ones mean fitting
        it again; texts that went do not. Raises UserError if the embedder cannot be had.
        """
        file = self.folder / f"{self._fingerprint(project)}.npz"
        known = _load(file)
        place = {} if known is None else {key: row for row, key in enumerate(known.keys)}
        missing = [row for row, key in enumerate(keys) if key not in place]
        if known is None or missing:
            known = self._extend(known, keys, texts, missing)
            _store(file, known)
            place = {key: row for row, key in enumerate(known.keys)}
        return Embedded(vectors=known.vectors[[place[key] for key in keys]], description=known.description)

    def _extend(self, known: _Kept | None, keys: Sequence[str], texts: Sequence[str], missing: Sequence[int]) -> _Kept:
        embedder = make_embedder(self.embedder, texts)
        if known is None or self.embedder == AUTO:
            return _Kept(keys=tuple(keys), vectors=embedder.encode(texts), description=embedder.describe())
        fresh = embedder.encode([texts[row] for row in missing])
        return _Kept(
            keys=known.keys + tuple(keys[row] for row in missing),
            vectors=np.concatenate([known.vectors, fresh]),
            description=embedder.describe(),
        )

    def _fingerprint(self, project: str) -> str:
        return blake2b(f"{project}\n{self.embedder}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Kept:
    keys: tuple[str, ...]
    vectors: Vectors
    description: str


def _load(file: Path) -> _Kept | None:
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        keys = tuple(key.decode() for key in arrays["keys"].tolist())
        return _Kept(keys=keys, vectors=arrays["vectors"], description=str(arrays["description"]))


def _store(file: Path, kept: _Kept) -> None:
    """All or nothing, so that a killed process leaves no half of a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with unfinished.open("wb") as stream:
        keys = np.array([key.encode() for key in kept.keys])
        np.savez(stream, keys=keys, vectors=kept.vectors, description=np.array(kept.description))
    unfinished.replace(file)
