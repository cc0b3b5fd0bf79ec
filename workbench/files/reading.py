"""One way to read every kind of table file."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from db.errors import UserError
from workbench.files.delimited import read_delimited
from workbench.files.encoding import detect_encoding
from workbench.files.excel import read_excel, sheet_names
from workbench.files.jsonl import read_json_lines
from workbench.files.lines import lines_of
from workbench.files.parquet import read_parquet
from workbench.files.rows import Row

FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".xlsx": "xlsx"}
# What the readers of each kind raise for a file that is not what its name says, or is cut short.
_UNREADABLE = (EOFError, OSError, ValueError, KeyError, SyntaxError, zipfile.BadZipFile, zlib.error)


@dataclass(slots=True)
class TableFile:
    """A table file: its columns, and its rows once. `fraction` tells how much of it has been read, from 0 to 1.

    It is closed at the end of a `with` block, or when its rows have been read.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Iterator[Row]
    _source: BinaryIO
    _size: int

    def __enter__(self) -> TableFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def fraction(self) -> float:
        return 1.0 if self._source.closed else min(1.0, self._source.tell() / max(1, self._size))

    def close(self) -> None:
        """Done with the file, however far it was read."""
        self._source.close()

    def require(self, *columns: str) -> None:
        """Raises UserError for the first of `columns` that the file lacks, naming those it has."""
        for column in columns:
            if column not in self.columns:
                raise UserError(f"{self.path}: no column {column!r}; the file has: {', '.join(self.columns)}")


def file_format(path: Path) -> str:
    """csv, tsv, jsonl, parquet or xlsx by the file's name; raises UserError for any other."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else (suffixes or [""])[-1]
    if last not in FORMATS:
        raise UserError(f"{path}: cannot tell the format from the name; use {', '.join(FORMATS)}, or any with .gz")
    return FORMATS[last]


def is_packed(path: Path) -> bool:
    """Whether the name says gzip."""
    return path.suffix.lower() == ".gz"


def open_table(path: Path, *, sheet: str | None = None) -> TableFile:
    """Open a table file; its header is read at once.

    Raises UserError when it is missing, not what its name says, has no header, or is a workbook of several sheets and
    `sheet` names none of them.
    """
    kind = file_format(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        source = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    entries = _entries(path, kind, source, sheet)
    try:
        columns = cast("tuple[str, ...]", next(entries))
        _check_columns(path, columns)
    except BaseException:
        source.close()
        raise
    return TableFile(path, columns, cast("Iterator[Row]", entries), source, path.stat().st_size)


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise UserError(f"{path}: the first line names no columns")
    repeated = next((name for name, times in Counter(columns).items() if name and times > 1), None)
    if repeated is not None:
        raise UserError(f"{path}: two columns are named {repeated!r}; rename one")


def _entries(path: Path, kind: str, source: BinaryIO, sheet: str | None) -> Iterator[Row | tuple[str, ...]]:
    """The columns, then the rows. The file is closed with the generator, however far it was read."""
    with source, readable(path, kind):
        content = cast(BinaryIO, gzip.GzipFile(fileobj=source)) if is_packed(path) else source
        if kind == "parquet":
            yield from read_parquet(content)
        elif kind == "xlsx":
            yield from read_excel(content, path, sheet)
        else:
            encoding = encoding_of(path)
            text = io.TextIOWrapper(content, encoding=encoding, errors="surrogateescape", newline="")
            lines = lines_of(text, path)
            delimiter = "\t" if kind == "tsv" else None
            yield from read_json_lines(lines, path) if kind == "jsonl" else read_delimited(lines, path, delimiter)


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """What the readers raise for a file at fault becomes a UserError that names it."""
    try:
        yield
    except _UNREADABLE as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{path}: not a readable {kind} file: {reason}") from error


def sheets_of(path: Path) -> tuple[str, ...]:
    """The sheets of a workbook, none for a file of another kind; raises UserError where it cannot be read."""
    kind = file_format(path)
    if kind != "xlsx":
        return ()
    with readable(path, kind), unpacked(path) as content:
        return sheet_names(content)


def unpacked(path: Path) -> BinaryIO:
    """The file's bytes, without their packing."""
    return cast(BinaryIO, gzip.open(path)) if is_packed(path) else path.open("rb")


def encoding_of(path: Path) -> str:
    """The encoding of a text file, packed or not; raises what reading it raises."""
    with unpacked(path) as stream:
        return detect_encoding(stream)
