"""CSV and TSV, read so that one broken quote costs one row and not the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from db.errors import UserError
from workbench.files.encoding import not_decoded
from workbench.files.rows import UNDECODED, Row

# A quote that swallows more lines than this was never closed.
MAX_LINES_IN_A_ROW = 2_000
csv.field_size_limit(1 << 30)


class _Lines:
    """The physical lines of a file: counted, remembered for the row being read, and able to be handed back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) == MAX_LINES_IN_A_ROW:
            raise csv.Error
        line = self._returned.popleft() if self._returned else next(self._lines)
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


def read_delimited(source: Iterator[str], path: Path, delimiter: str | None) -> Iterator[Row | tuple[str, ...]]:
    """From a file's lines: first the columns, then the rows.

    Without a `delimiter` it is the comma, or what the first line has instead.
    Raises UserError for a file without a line that names the columns.
    """
    first = next(source, "")
    delimiter = delimiter or delimiter_of(first)
    lines = _Lines(chain([first] if first else [], source))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    columns = _header(reader, path)
    yield columns
    while True:
        number = lines.start_row()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(number, {"": lines.give_back_all_but_first().rstrip("\r\n")}, "broken quote")
            # The reader keeps what it had of the broken row; a new one starts clean on the lines handed back.
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if values:
            yield _row(number, columns, values, lines.taken)


def delimiter_of(first_line: str) -> str:
    """Comma, semicolon or tab, by the line that names the columns.

    Spreadsheets write semicolons where the comma is the decimal mark.
    """
    return "," if "," in first_line else max(",;\t", key=first_line.count)


def _header(reader: Iterator[list[str]], path: Path) -> tuple[str, ...]:
    try:
        columns = tuple(name.strip() for name in next(reader))
    except StopIteration:
        raise UserError(f"{path}: the file is empty; its first line must name the columns") from None
    except csv.Error:
        raise UserError(f"{path} line 1: a broken quote in the line that names the columns") from None
    if any(map(not_decoded, columns)):
        raise UserError(f"{path} line 1: {UNDECODED}, in the line that names the columns")
    return columns


def _row(number: int, columns: tuple[str, ...], values: list[str], lines: list[str]) -> Row:
    fault = ""
    if len(values) > len(columns):
        fault = f"{len(values)} values for {len(columns)} columns"
    elif len(values) < len(columns):
        fault = f"only {len(values)} values for {len(columns)} columns"
    elif any(map(not_decoded, lines)):
        fault = UNDECODED
    return Row(number, dict(zip(columns, values, strict=False)), fault)
