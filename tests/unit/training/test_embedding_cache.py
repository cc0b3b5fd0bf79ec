"""The vectors of a project's texts on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from training import embedding_cache
from training.embedders import AUTO
from training.embedding_cache import EmbeddingCache

TEXTS = ["синее платье", "красное платье", "зимние ботинки", "летние ботинки"]
KEYS = ["k1", "k2", "k3", "k4"]


class CountingEmbedder:
    """Stands in for a model by name; notes what it was asked to encode."""

    def __init__(self, asked: list[list[str]]) -> None:
        self.asked = asked

    def encode(self, texts: Sequence[str], *, passage: bool = False) -> np.ndarray:
        self.asked.append(list(texts))
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    def describe(self) -> str:
        return "embedder: counting"

    def save(self, folder: Path) -> None:
        raise AssertionError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    asked: list[list[str]] = []
    monkeypatch.setattr(embedding_cache, "make_embedder", lambda name, texts: CountingEmbedder(asked))
    return asked


def test_known_texts_are_not_encoded_again_in_whatever_order(tmp_path: Path, asked: list[list[str]]) -> None:
    cache = EmbeddingCache(folder=tmp_path / "embeddings", embedder="some/model")
    first = cache.embed("p", KEYS, TEXTS)
    again = cache.embed("p", KEYS[::-1][:2], TEXTS[::-1][:2])
    np.testing.assert_array_equal(again.vectors, first.vectors[[3, 2]])
    assert again.description == "embedder: counting"
    assert asked == [TEXTS]


def test_a_named_model_encodes_only_what_is_new(tmp_path: Path, asked: list[list[str]]) -> None:
    cache = EmbeddingCache(folder=tmp_path, embedder="some/model")
    cache.embed("p", KEYS[:2], TEXTS[:2])
    whole = cache.embed("p", KEYS, TEXTS)
    assert asked == [TEXTS[:2], TEXTS[2:]]
    assert whole.vectors[:, 0].tolist() == [len(text) for text in TEXTS]


def test_lsa_is_fitted_again_for_new_texts(tmp_path: Path, asked: list[list[str]]) -> None:
    cache = EmbeddingCache(folder=tmp_path, embedder=AUTO)
    cache.embed("p", KEYS[:2], TEXTS[:2])
    cache.embed("p", KEYS, TEXTS)
    assert asked == [TEXTS[:2], TEXTS]


def test_projects_and_embedders_have_files_of_their_own(tmp_path: Path, asked: list[list[str]]) -> None:
    for project, embedder in (("p", "a"), ("q", "a"), ("p", "b")):
        EmbeddingCache(folder=tmp_path, embedder=embedder).embed(project, KEYS, TEXTS)
    assert len(asked) == 3
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"] * 3


def test_lsa_vectors_come_back_as_they_were(tmp_path: Path) -> None:
    cache = EmbeddingCache(folder=tmp_path)
    first, again = cache.embed("проект", KEYS, TEXTS), cache.embed("проект", KEYS, TEXTS)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert again.description == first.description
    assert "LSA on 4 records" in again.description
