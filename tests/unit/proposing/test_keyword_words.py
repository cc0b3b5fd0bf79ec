from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.proposing.keyword_words import counts_by_group, stems_as_text, vocabulary
from workbench.proposing.stems import fold, spelled, words

TEXTS = ["Тёплые сапоги", "сапоги тёплые, 42", "теплый сапог", "Тёплые сапоги и 42 42"]


def test_forms_of_a_word_are_one_and_the_commonest_is_how_it_is_written() -> None:
    found = vocabulary(TEXTS, least=3)
    assert dict(zip(found.stems, found.written, strict=True)) == {
        ("тепл",): "тёплые",
        ("сапог",): "сапоги",
        ("тепл", "сапог"): "тёплые сапоги",
    }


def test_numbers_single_letters_and_pairs_of_small_words_are_left_out() -> None:
    written = vocabulary(["я в 42 размере, и не мал", "в 42 размере и не мал я"], least=2).written
    assert {"размере", "42 размере", "не", "мал"} <= set(written)
    assert not {"42", "я", "в", "и", "в 42", "и не", "не мал"} & set(written)


def test_a_text_has_a_word_once_however_often_it_says_it() -> None:
    found = vocabulary(TEXTS, least=1)
    presence = found.presence(["сапоги сапоги сапогам", "ничего"]).todense()
    assert presence[:, found.written.index("сапоги")].tolist() == [[1.0], [0.0]]
    assert presence.max() == 1.0


def test_texts_are_counted_by_group() -> None:
    presence = vocabulary(["а да", "да но"], least=1).presence(["да", "да но", "но"])
    counts = counts_by_group(presence, np.array([0, 2, 2]), 3)
    assert counts.shape[0] == 3
    # "да но" is a pair of small words, so it is none of them.
    assert counts.sum(axis=1).tolist() == [1.0, 0.0, 3.0]


def test_all_forms_of_a_keyword_have_the_same_stems() -> None:
    assert stems_as_text("Тёплые сапоги") == stems_as_text("теплый  сапог!") != stems_as_text("тёплый")


@given(text=st.text(max_size=60))
def test_words_as_they_are_spelled_are_the_folded_ones_in_the_same_places(text: str) -> None:
    assert [fold(word) for word in spelled(text)] == [fold(word) for word in words(text)]
