"""What is in an uploaded file, before anything is imported: its first rows as text, how it is written, its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from db.types import Kind
from workbench.exchange.guessing import Mapping, guess_mapping
from workbench.exchange.importing import naming
from workbench.exchange.kept import KeptFile
from workbench.exchange.requests import ImportRequest
from workbench.files.delimited import delimiter_of
from workbench.files.reading import TableFile, encoding_of, file_format, open_table, sheets_of, unpacked
from workbench.files.rows import Row, as_text

SHOWN_ROWS, SHOWN_CELL, GUESSED_FROM = 20, 300, 1_000
# About a second of reading.
_COUNTED = {"xlsx": 20_000}
_COUNTED_TEXT = 100_000
_NAMES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1251": "CP1251"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCount:
    """How many rows there are; where not `exact`, about how many, or None where only "more than `read`" is known."""

    read: int
    exact: bool
    about: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`rows` are the first ones: each a line number, its cells in the order of `columns`, and what is wrong with it."""

    format: str
    encoding: str | None
    delimiter: str | None
    sheets: tuple[str, ...]
    sheet: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...], str], ...]
    count: RowCount
    mapping: Mapping


def preview(upload: KeptFile, *, sheet: str | None = None, kind: Kind | None = None) -> Preview:
    """Look into the file; of a workbook into its first sheet, where none is named.

    Raises UserError, naming the file as its sender does, when it cannot be read.
    """
    with naming(ImportRequest(path=upload.path, project="", name=upload.name)):
        kind_of_file = file_format(upload.path)
        sheets = sheets_of(upload.path)
        chosen = sheet if sheet is not None or not sheets else sheets[0]
        with open_table(upload.path, sheet=chosen) as table:
            rows = iter(table.rows)
            head = list(islice(rows, GUESSED_FROM))
            count = _count(table, kind_of_file, len(head), rows)
        encoding, delimiter = _written(upload.path, kind_of_file)
        return Preview(
            format=kind_of_file,
            encoding=encoding,
            delimiter=delimiter,
            sheets=sheets,
            sheet=chosen,
            columns=table.columns,
            rows=tuple(_shown(row, table.columns) for row in head[:SHOWN_ROWS]),
            count=count,
            mapping=guess_mapping(table.columns, head, kind),
        )


def _count(table: TableFile, kind: str, read: int, rows: Iterator[Row]) -> RowCount:
    if kind == "parquet":
        with unpacked(table.path) as content:
            return RowCount(read=_parquet_rows(content), exact=True)
    limit = _COUNTED.get(kind, _COUNTED_TEXT)
    read += sum(1 for _ in islice(rows, limit - read))
    if next(rows, None) is None:
        return RowCount(read=read, exact=True)
    fraction = table.fraction()
    # The parts of a workbook do not lie in the order of its rows.
    return RowCount(read=read, exact=False, about=None if kind == "xlsx" or not fraction else round(read / fraction))


def _parquet_rows(content: BinaryIO) -> int:
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(content).metadata.num_rows)


def _written(path: Path, kind: str) -> tuple[str | None, str | None]:
    """The encoding and the delimiter, for those kinds that have them."""
    if kind not in ("csv", "tsv", "jsonl"):
        return None, None
    encoding = encoding_of(path)
    if kind == "jsonl":
        return _NAMES[encoding], None
    with unpacked(path) as content:
        first = content.readline(1 << 20).decode(encoding, "replace")
    return _NAMES[encoding], "\t" if kind == "tsv" else delimiter_of(first)


def _shown(row: Row, columns: tuple[str, ...]) -> tuple[int, tuple[str, ...], str]:
    return row.number, tuple(_cell(row.values.get(name)) for name in columns), row.fault


def _cell(value: object) -> str:
    """A cell as text, cut; bytes that belong to no encoding are shown as such."""
    text = as_text(value).encode("utf-8", "replace").decode("utf-8", "replace")
    return text if len(text) <= SHOWN_CELL else text[:SHOWN_CELL] + "…"
