"""Whether an uploaded file is what its name says, and of a size that can be read; looked at before anything is read."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from db.errors import UserError
from workbench.files.reading import file_format, is_packed
from workbench.files.signatures import HEAD, what_it_is

_PIECE = 1 << 20
_KINDS = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON lines", "parquet": "Parquet", "xlsx": "an Excel workbook"}
_START = {"parquet": b"PAR1", "xlsx": b"PK\x03\x04"}
_IN_ZIP = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file"),
)
_BROKEN = (OSError, EOFError, ValueError, KeyError, zlib.error, zipfile.BadZipFile)


def check_genuine(path: Path, name: str, *, largest: int) -> None:
    """Raises UserError for a file that is not what its `name` says, or that unpacks to more than `largest` bytes."""
    kind = file_format(Path(name))
    with path.open("rb") as raw:
        if not is_packed(path):
            _check_content(raw, kind, name, largest)
            return
        _refuse_unless(raw.read(2) == b"\x1f\x8b", path, name, "gzip")
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw) as unpacked:
            with _broken(name, "gzip"):
                _count(unpacked, name, largest)
                unpacked.seek(0)
            _check_content(cast(BinaryIO, unpacked), kind, name, largest)


def _check_content(content: BinaryIO, kind: str, name: str, largest: int) -> None:
    head = content.read(HEAD)
    content.seek(0)
    found = what_it_is(head)
    if not head:
        raise UserError(f"{name}: the file is empty")
    if kind not in _START:
        if found is not None:
            raise UserError(f"{name}: it is {found}, not {_KINDS[kind]}")
        return
    if not head.startswith(_START[kind]):
        raise UserError(f"{name}: it is {found or 'text'}, not {_KINDS[kind]}")
    with _broken(name, _KINDS[kind]):
        unpacked = _workbook_size(content, name) if kind == "xlsx" else _parquet_size(content)
    if unpacked > largest:
        raise _too_large(name, largest)


def _workbook_size(content: BinaryIO, name: str) -> int:
    """Bytes that the workbook's parts unpack to; no more are ever read of a part than it says here."""
    with zipfile.ZipFile(content) as archive:
        parts = {part.filename: part.file_size for part in archive.infolist()}
        total = sum(part.file_size for part in archive.infolist())
    if "xl/workbook.xml" not in parts:
        found = next((what for part, what in _IN_ZIP if part in parts), "a ZIP archive without a workbook")
        raise UserError(f"{name}: it is {found}, not {_KINDS['xlsx']}")
    return total


def _parquet_size(content: BinaryIO) -> int:
    import pyarrow.parquet as pq

    meta = pq.ParquetFile(content).metadata
    return int(sum(meta.row_group(place).total_byte_size for place in range(meta.num_row_groups)))


def _count(stream: gzip.GzipFile, name: str, largest: int) -> None:
    read = 0
    while piece := stream.read(_PIECE):
        read += len(piece)
        if read > largest:
            raise _too_large(name, largest)


def _refuse_unless(genuine: bool, path: Path, name: str, kind: str) -> None:
    if not genuine:
        with path.open("rb") as raw:
            found = what_it_is(raw.read(HEAD)) or "text"
        raise UserError(f"{name}: it is {found}, not {kind}")


@contextmanager
def _broken(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{name}: broken or cut short, not readable as {kind}: {reason}") from error


def _too_large(name: str, largest: int) -> UserError:
    return UserError(f"{name}: it unpacks to more than {largest // 2**20} MB; split it")
