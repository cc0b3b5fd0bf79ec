"""Embedders: LSA on the project's own texts, and sentence-transformers models by name."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from training.embedders import AUTO, load_embedder, make_embedder
from training.lsa import fit_lsa

CLOTHES = ["Платье летнее, рукав короткий", "платье вечернее синее", "Юбка летняя", "юбка вечерняя синяя"]
SHOES = ["ботинки зимние кожаные", "Ботинки кожаные чёрные", "сапоги зимние", "сапоги кожаные чёрные"]
TINY_NAME = "tiny-e5-small"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of the real architecture: a two-layer BERT with mean pooling."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models")
    letters = "abcdefghijklmnopqrstuvwxyz:"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    bert = Transformer(str(folder / "bert"), max_seq_length=64)
    SentenceTransformer(modules=[bert, Pooling(16)], device="cpu").save_pretrained(
        str(folder / TINY_NAME), create_model_card=False
    )
    return folder / TINY_NAME


def test_texts_about_the_same_thing_lie_closer() -> None:
    vectors = make_embedder(AUTO, CLOTHES + SHOES).encode(CLOTHES + SHOES)
    alike = vectors @ vectors.T
    within = (alike[:4, :4].sum() + alike[4:, 4:].sum() - 8) / 24
    assert within > alike[:4, 4:].mean() + 0.1


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.lists(st.text(max_size=30), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_corpus_gives_finite_rows_of_length_one_or_zero(corpus: list[str], others: list[str]) -> None:
    if not any(text.split() for text in corpus):
        with pytest.raises(UserError, match="every text is empty"):
            fit_lsa(corpus)
        return
    vectors = fit_lsa(corpus).encode(corpus + others)
    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(corpus) + len(others), vectors.shape[1])
    assert vectors.shape[1] >= 1
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))


def test_no_texts_encode_to_no_rows() -> None:
    embedder = fit_lsa(["одно слово", "другое слово"])
    assert embedder.encode([]).shape == (0, embedder.projection.shape[1])


def test_fitting_twice_gives_the_same_vectors() -> None:
    one, two = fit_lsa(CLOTHES + SHOES), fit_lsa(CLOTHES + SHOES)
    np.testing.assert_array_equal(one.encode(SHOES), two.encode(SHOES))


def test_a_saved_lsa_encodes_as_before_and_needs_no_pickle(tmp_path: Path) -> None:
    embedder = make_embedder(AUTO, CLOTHES + SHOES)
    embedder.save(tmp_path / "embedder")
    loaded = load_embedder(tmp_path / "embedder")
    np.testing.assert_array_equal(loaded.encode(CLOTHES), embedder.encode(CLOTHES))
    assert loaded.describe() == embedder.describe()
    assert {path.suffix for path in (tmp_path / "embedder").iterdir()} == {".json", ".npz"}


def test_lsa_says_what_it_is_and_what_would_be_better() -> None:
    assert fit_lsa(CLOTHES * 1819).describe() == (
        "embedder: LSA on 7 276 records — set WORKBENCH_EMBEDDER=intfloat/multilingual-e5-small for better Russian"
    )
    assert fit_lsa(["blue dress", "red shoes"]).describe().endswith("for better meaning")


def test_an_empty_folder_holds_no_embedder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no saved embedder"):
        load_embedder(tmp_path)


def test_a_model_that_cannot_be_had_is_the_users_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"WORKBENCH_EMBEDDER: no model 'no/such-model'"):
        make_embedder("no/such-model", CLOTHES)


def test_a_named_model_encodes_saves_and_loads(tiny_model: Path, tmp_path: Path) -> None:
    embedder = make_embedder(str(tiny_model), [])
    vectors = embedder.encode(["blue dress", "red shoes"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert TINY_NAME in embedder.describe()
    embedder.save(tmp_path / "embedder")
    np.testing.assert_allclose(load_embedder(tmp_path / "embedder").encode(["blue dress", "red shoes"]), vectors)
    assert embedder.encode([]).shape == (0, 16)


def test_e5_models_get_the_prefixes_they_were_trained_with(tiny_model: Path) -> None:
    embedder = make_embedder(str(tiny_model), [])
    query, passage = embedder.encode(["dress"]), embedder.encode(["dress"], passage=True)
    assert not np.allclose(query, passage)
    plain = tiny_model.rename(tiny_model.with_name("tiny-plain"))
    bare = make_embedder(str(plain), [])
    plain.rename(tiny_model)
    np.testing.assert_allclose(bare.encode(["query: dress"]), query, atol=1e-6)
    np.testing.assert_array_equal(bare.encode(["dress"]), bare.encode(["dress"], passage=True))
