"""Our n-gram features against scikit-learn's, which they are meant to equal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from training.ngrams import NgramFeatures, fit_ngrams
from training.spelling import Ragged, char_ngrams, parts, spell

TEXTS = [
    "Хорошее платье, сестре понравилось",
    "платье хорошее -- но мало!",
    "Great dress, great price",
    "dress for a great price",
    "мало и дорого",
    "",
    "!!!",
]


def _theirs(texts: list[str], **options: object) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, min_df=1, dtype=np.float64, **options).fit(texts)


def test_character_ngrams_weigh_what_scikit_learns_do() -> None:
    features, found = fit_ngrams(TEXTS)
    theirs = _theirs(TEXTS, analyzer="char_wb", ngram_range=(2, 5))
    block = found[:, -len(features.grams) :].toarray()
    expected = theirs.transform(TEXTS).toarray()
    columns = [theirs.vocabulary_[gram] for gram in features.grams]
    assert len(features.grams) == expected.shape[1]
    assert np.allclose(block, expected[:, columns], atol=1e-6)


def test_words_weigh_what_scikit_learns_do() -> None:
    features, found = fit_ngrams(TEXTS)
    theirs = _theirs(TEXTS, token_pattern=r"\w+")
    columns = [theirs.vocabulary_[word] for word in features.words]
    assert np.allclose(found[:, : len(columns)].toarray(), theirs.transform(TEXTS).toarray()[:, columns], atol=1e-6)


def test_pairs_of_words_cross_punctuation_but_not_texts() -> None:
    features, _ = fit_ngrams(["good, dress", "dress bad"])
    assert {(features.words[a], features.words[b]) for a, b in features.pairs} == {("good", "dress"), ("dress", "bad")}


def test_fitting_and_transforming_agree() -> None:
    features, found = fit_ngrams(TEXTS)
    assert np.allclose(features.transform(TEXTS).toarray(), found.toarray())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_texts_have_features_of_known_width_and_rows_of_bounded_length(texts: list[str]) -> None:
    features, _ = fit_ngrams(TEXTS)
    found = features.transform(texts)
    assert found.shape == (len(texts), features.size)
    assert np.isfinite(found.data).all()
    assert (np.square(found.toarray()).sum(axis=1) <= 3 + 1e-5).all()


def test_texts_in_parts_come_out_as_texts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    features, found = fit_ngrams(TEXTS)
    monkeypatch.setattr("training.spelling.PART_CHARACTERS", 20)
    assert len(list(parts(TEXTS))) > 2
    assert [text for part in parts(TEXTS) for text in part] == TEXTS
    assert np.allclose(features.transform(TEXTS).toarray(), found.toarray())


def test_stems_bring_forms_of_a_word_together() -> None:
    features, _ = fit_ngrams(["хорошее платье", "хорошего платья", "dresses", "dress"], stem=True)
    assert len(features.words) == 3


def test_ngrams_and_pairs_can_be_left_out() -> None:
    features, found = fit_ngrams(TEXTS, pairs=False, most_grams=0)
    assert (len(features.pairs), features.grams) == (0, ())
    assert found.shape[1] == len(features.words)
    assert features.transform(TEXTS[:1]).shape == (1, features.size)


def test_only_the_commonest_ngrams_stay_where_there_are_too_many() -> None:
    features, _ = fit_ngrams(["aa ab", "a", "ax"], most_grams=1)
    assert set(features.grams) == {" a"}


def test_features_of_a_single_text_are_dropped_where_there_are_many_texts() -> None:
    features, _ = fit_ngrams([*(["common words"] * 60), "unheard"])
    assert set(features.words) == {"common", "words"}


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    features, found = fit_ngrams(TEXTS, stem=True)
    features.save(tmp_path)
    back = NgramFeatures.load(tmp_path)
    assert np.allclose(back.transform(TEXTS).toarray(), found.toarray())
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}


def test_short_chunks_have_the_ngrams_they_can() -> None:
    assert char_ngrams("a", 2) == [" a", "a ", " a "]


def test_lists_of_numbers_keep_their_order_when_taken() -> None:
    ragged = Ragged.of([[1, 2], [], [3]])
    taken = ragged.take(np.array([2, 0, 1, 2]))
    assert taken.values.tolist() == [3, 1, 2, 3]
    assert taken.owners.tolist() == [0, 1, 1, 3]


def test_spelling_keeps_every_word_of_every_text() -> None:
    spelled = spell(["a-b c", "", "c a"])
    words = [spelled.words[place] for place in spelled.text_words.values]
    assert words == ["a", "b", "c", "c", "a"]
    assert spelled.text_words.starts.tolist() == [0, 3, 3, 5]
