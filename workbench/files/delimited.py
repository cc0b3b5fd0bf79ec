"""CSV and TSV, read so that one broken quote costs one row and not the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from db.errors import UserError
from workbench.files.encoding import not_decoded
from workbench.files.rows import Row

# A quote that swallows more lines than this was never closed: say so instead of guessing on.
MAX_LINES_IN_A_ROW = 2_000
csv.field_size_limit(1 << 30)


class _Lines:
    """The physical lines of a file: counted, remembered for the row being read, and able to be handed back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._stream)
        self.taken.append(line)
        self.number += 1
        return line

    def start_row(self) -> int:
        self.taken = []
        return self.number + 1

    def give_back_all_but_first(self) -> str:
        first, rest = self.taken[0], self.taken[1:]
        self._returned.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def read_delimited(stream: TextIO, path: Path, delimiter: str) -> Iterator[Row | tuple[str, ...]]:
    """First the columns, then the rows. Raises UserError for a file without a header or with an unclosed quote."""
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    columns = _header(reader, lines, path)
    yield columns
    while True:
        number = lines.start_row()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken(lines, path, number, error)
            # The reader keeps what it had of the broken row; a new one starts clean on the lines handed back.
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if values:
            yield _row(number, columns, values)


def _header(reader: Iterator[list[str]], lines: _Lines, path: Path) -> tuple[str, ...]:
    try:
        columns = tuple(name.strip() for name in next(reader))
    except StopIteration:
        raise UserError(f"{path}: the file is empty; its first line must name the columns") from None
    except csv.Error:
        raise UserError(f"{path} line {lines.number}: a broken quote in the line that names the columns") from None
    repeated = next((name for name in columns if name and columns.count(name) > 1), None)
    if repeated is not None:
        raise UserError(f"{path}: two columns are named {repeated!r}; rename one")
    return columns


def _row(number: int, columns: tuple[str, ...], values: list[str]) -> Row:
    fault = ""
    if len(values) > len(columns):
        fault = f"{len(values)} values for {len(columns)} columns"
    elif len(values) < len(columns):
        fault = f"only {len(values)} values for {len(columns)} columns"
    elif any(not_decoded(value) for value in values):
        fault = "bytes that are not UTF-8, while the rest of the file is"
    return Row(number, dict(zip(columns, values, strict=False)), fault)


def _broken(lines: _Lines, path: Path, number: int, error: csv.Error) -> Row:
    if len(lines.taken) > MAX_LINES_IN_A_ROW:
        raise UserError(f"{path} line {number}: a quote is opened and never closed; close it or double it") from error
    first = lines.give_back_all_but_first()
    return Row(number, {"": first.rstrip("\r\n")}, "broken quote")
