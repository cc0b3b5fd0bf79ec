"""Lines of bounded length."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import UserError
from workbench.files.lines import lines_of


@given(st.text(alphabet="аb\n\r", max_size=60))
def test_lines_are_those_of_the_file(content: str) -> None:
    assert list(lines_of(io.StringIO(content), Path("f"))) == list(io.StringIO(content))


def test_a_line_may_be_as_long_as_the_longest_and_no_longer() -> None:
    assert list(lines_of(io.StringIO("abcd\nabcde"), Path("f"), longest=5)) == ["abcd\n", "abcde"]
    with pytest.raises(UserError, match=r"^f line 2: over 4 characters long; every row needs a line of its own$"):
        list(lines_of(io.StringIO("abc\nabcde"), Path("f"), longest=4))


def test_no_more_of_a_line_is_read_than_tells_that_it_is_too_long() -> None:
    endless = io.StringIO("x" * 10_000)
    with pytest.raises(UserError):
        next(lines_of(endless, Path("f"), longest=10))
    assert endless.tell() == 11
