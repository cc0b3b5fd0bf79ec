from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from db.text_keys import blind_hash, half, in_blind_stream, normalise, text_key
from db.types import Half

quick = settings(derandomize=True, deadline=None, max_examples=200)
MANY = [f"item {number}" for number in range(20_000)]


@quick
@given(st.text(), st.sampled_from([" ", "\t", "\n", "  ", "\xa0", "\u3000"]))
def test_a_key_does_not_see_the_spaces_around_a_text(text: str, space: str) -> None:
    assert text_key(space + text + space) == text_key(text)


@quick
@given(st.text(alphabet=st.characters(codec="cp1251")))
def test_a_key_does_not_see_the_case_of_latin_and_cyrillic_letters(text: str) -> None:
    assert text_key(text.lower()) == text_key(text.upper()) or text.lower().upper() != text.upper()


@quick
@given(st.text(), st.text())
def test_keys_are_equal_exactly_where_the_normalised_texts_are(one: str, other: str) -> None:
    assert (text_key(one) == text_key(other)) is (normalise(one) == normalise(other))


def test_full_width_letters_and_ligatures_are_the_letters_they_stand_for() -> None:
    assert normalise("ＡＢＣ  ﬁne №") == "abc fine no"


def test_the_known_values_never_change_because_stored_blind_streams_hang_on_them() -> None:
    assert text_key("Юбка  ДЖИНСОВАЯ ") == text_key("юбка джинсовая") == "3887e2d2606637734d5ff9bacfec4d33"
    assert blind_hash("sku-1") == 7846
    assert half("sku-1") is Half.CALIBRATION


def test_a_text_with_broken_characters_still_has_a_key() -> None:
    assert len(text_key("\udc80")) == 32


def test_the_blind_stream_is_about_as_large_as_its_share() -> None:
    buckets = [blind_hash(key) for key in MANY]
    assert all(0 <= bucket < 10_000 for bucket in buckets)
    for share in (0.0, 0.1, 0.5, 1.0):
        taken = sum(in_blind_stream(bucket, share) for bucket in buckets) / len(MANY)
        assert abs(taken - share) < 0.01


def test_a_larger_share_keeps_the_records_of_a_smaller_one() -> None:
    buckets = [blind_hash(key) for key in MANY[:2_000]]
    assert all(in_blind_stream(bucket, 0.3) for bucket in buckets if in_blind_stream(bucket, 0.1))


def test_the_halves_are_even_inside_the_stream_as_well_as_outside() -> None:
    stream = [key for key in MANY if in_blind_stream(blind_hash(key), 0.1)]
    for keys in (stream, MANY):
        calibration = sum(half(key) is Half.CALIBRATION for key in keys) / len(keys)
        assert abs(calibration - 0.5) < 0.03
