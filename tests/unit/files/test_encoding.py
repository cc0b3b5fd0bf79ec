from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.files.encoding import detect_encoding, not_decoded

quick = settings(derandomize=True, deadline=None, max_examples=100)


def detect(data: bytes) -> str:
    return detect_encoding(io.BytesIO(data))


@quick
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_utf8_text_is_taken_for_utf8(text: str) -> None:
    assert detect(text.encode()) == "utf-8-sig"
    assert text.encode("utf-8-sig").decode(detect(text.encode("utf-8-sig"))) == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_known_by_its_mark(codec: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec, b"")
    data = mark + "текст".encode(codec)
    assert data.decode(detect(data)) == "текст"


@pytest.mark.parametrize("text", ["Юбка красная", "«ЭКСПРЕСС»", "СССР №1", "Сёмга, Рёбра", "С» Р» «ТР»", "ё"])
def test_cp1251_is_known_even_where_two_of_its_letters_look_like_one_of_utf8(text: str) -> None:
    data = ("text,label\n" + f"{text} и ещё слова\n" * 3).encode("cp1251")
    assert detect(data) == "cp1251"


def test_a_single_line_of_cp1251_does_not_change_a_utf8_file() -> None:
    lines = ["чистая строка"] * 5
    data = "\n".join(lines).encode() + b"\n" + "чужая".encode("cp1251") + b"\n"
    assert detect(data) == "utf-8-sig"
    decoded = data.decode("utf-8-sig", "surrogateescape").splitlines()
    assert [not_decoded(line) for line in decoded] == [False] * 5 + [True]


def test_a_letter_on_the_edge_of_two_blocks_is_still_a_letter() -> None:
    assert detect(b"x" * ((1 << 20) - 1) + "щ".encode() * 10) == "utf-8-sig"


def test_a_file_cut_in_the_middle_of_a_letter_is_utf8_with_one_bad_row() -> None:
    assert detect("слово".encode()[:-1]) == "utf-8-sig"


def test_an_empty_file_and_plain_ascii_are_utf8() -> None:
    assert detect(b"") == detect(b"abc") == "utf-8-sig"
