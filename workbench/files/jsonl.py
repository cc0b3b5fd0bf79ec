"""JSON lines, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from db.errors import UserError
from workbench.files.encoding import not_decoded
from workbench.files.rows import UNDECODED, Row

# A key that first appears further down than this is no column.
LINES_FOR_COLUMNS = 1_000


def read_json_lines(lines: Iterator[str], path: Path) -> Iterator[Row | tuple[str, ...]]:
    """From a file's lines: first the columns, every key of the first lines in order; then the rows, with their keys."""
    rows = (_row(number, line) for number, line in enumerate(lines, 1) if line.strip())
    head = list(islice(rows, LINES_FOR_COLUMNS))
    if not head:
        raise UserError(f"{path}: the file is empty")
    readable = [row for row in head if not row.fault]
    if not readable:
        raise UserError(f"{path} line {head[0].number}: {head[0].fault}; every line must be one JSON object")
    yield tuple(dict.fromkeys(key for row in readable for key in row.values))
    yield from chain(head, rows)


def _row(number: int, line: str) -> Row:
    if not_decoded(line):
        return Row(number, {"": line.strip()}, UNDECODED)
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(number, {"": line.strip()}, f"not JSON: {error}")
    if not isinstance(value, dict):
        return Row(number, {"": line.strip()}, "not a JSON object")
    return Row(number, value)
