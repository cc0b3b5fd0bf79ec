"""The lines of a text file, of bounded length: a packed file of one endless line must not fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TextIO

from db.errors import UserError

# In characters; far more than the longest text that is taken, with all its columns.
LONGEST_LINE = 1 << 24


def lines_of(stream: TextIO, path: Path, *, longest: int = LONGEST_LINE) -> Iterator[str]:
    """Every line with its ending; raises UserError for one of more than `longest` characters."""
    for number in count(1):
        line = stream.readline(longest + 1)
        if not line:
            return
        if len(line) > longest:
            raise UserError(f"{path} line {number}: over {longest} characters long; every row needs a line of its own")
        yield line
