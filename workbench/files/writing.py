"""One way to write CSV, JSON lines and Parquet: under another name first, in place only when complete."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from db.errors import UserError
from workbench.files.parquet import parquet_writer
from workbench.files.reading import file_format

Write = Callable[[Sequence[Mapping[str, Any]]], None]
# What a spreadsheet would run; a leading apostrophe makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A stream to `path`, which appears whole when the block ends well and not otherwise; packed where it ends in .gz.

    Raises UserError where the place cannot be written.
    """
    if path.is_dir():
        raise UserError(f"{path}: cannot be written: it is a folder")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        packed = path.suffix.lower() == ".gz"
        raw = gzip.open(partial, "wb", compresslevel=4) if packed else partial.open("wb")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with raw:
            yield cast(BinaryIO, raw)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def table_writer(
    path: Path, columns: Sequence[str], *, escape: bool = False, kind: str | None = None
) -> Iterator[Write]:
    """A function that appends rows to `path`, which appears whole when the block ends well and not otherwise.

    `escape` keeps CSV cells from being run as formulas. Lists and maps become JSON in CSV. `kind` overrides the name's
    format. Raises UserError where the place cannot be written or the format is none of csv, tsv, jsonl and parquet.
    """
    kind = kind or file_format(path)
    if kind not in _WRITERS:
        raise UserError(f"{path}: {kind} files are read but not written; use csv, tsv, jsonl or parquet")
    with whole_file(path) as raw, _WRITERS[kind](raw, list(columns), escape) as write:
        yield write


def as_cell(value: object, *, escape: bool = False) -> str:
    """A CSV cell: "" for None, JSON for lists and maps."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else str(value)
    return "'" + text if escape and isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


class _UnixLines:
    """Ends lines with \\n alone. The csv module quotes a lone \\r in a text only where lines end with it."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        self._stream.write(line[:-2] + "\n")


@contextmanager
def _csv_writer(raw: BinaryIO, columns: list[str], escape: bool, delimiter: str = ",") -> Iterator[Write]:
    # Rejected rows may hold bytes that no encoding knows; they are shown as such.
    with io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="") as text:
        writer = csv.writer(_UnixLines(text), delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([as_cell(name, escape=escape) for name in columns])

        def write(rows: Sequence[Mapping[str, Any]]) -> None:
            writer.writerows([as_cell(row.get(name), escape=escape) for name in columns] for row in rows)

        yield write


@contextmanager
def _tsv_writer(raw: BinaryIO, columns: list[str], escape: bool) -> Iterator[Write]:
    with _csv_writer(raw, columns, escape, "\t") as write:
        yield write


@contextmanager
def _jsonl_writer(raw: BinaryIO, columns: list[str], _escape: bool) -> Iterator[Write]:
    def write(rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            line = json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False, default=str)
            raw.write(line.encode("utf-8", "backslashreplace") + b"\n")

    yield write


@contextmanager
def _parquet_writer(raw: BinaryIO, columns: list[str], _escape: bool) -> Iterator[Write]:
    with parquet_writer(raw, columns) as write:
        yield write


_WRITERS: dict[str, Callable[..., Any]] = {
    "csv": _csv_writer,
    "tsv": _tsv_writer,
    "jsonl": _jsonl_writer,
    "parquet": _parquet_writer,
}
