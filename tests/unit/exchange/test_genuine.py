from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.errors import UserError
from workbench.exchange.genuine import check_genuine

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
MB = 2**20


def check(path: Path, name: str, content: bytes | None = None, *, largest: int = 10 * MB) -> None:
    if content is not None:
        path.write_bytes(content)
    check_genuine(path, name, largest=largest)


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["text"])  # type: ignore[union-attr]
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "A.CSV"])
@pytest.mark.parametrize(
    "content",
    ["text\nпривет\n".encode(), "text\nпривет\n".encode("cp1251"), "text\nпривет\n".encode("utf-16"), b"\xef\xbb\xbfx"],
)
def test_text_in_every_encoding_passes(tmp_path: Path, name: str, content: bytes) -> None:
    check(tmp_path / "kept", name, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", PNG, "a.csv: it is a PNG picture, not CSV"),
        ("a.csv", b"%PDF-1.7 ...", "a.csv: it is a PDF document, not CSV"),
        ("a.jsonl", b"PK\x03\x04....", "a.jsonl: it is a ZIP archive, not JSON lines"),
        ("a.tsv", b"\xd0\xcf\x11\xe0\xa1\xb1", "a.tsv: it is an old or encrypted Office document, not TSV"),
        ("a.csv", b"\n <!DOCTYPE html><title>Log in</title>", "a.csv: it is a web page, not CSV"),
        ("a.csv", b"text\n\x00\x01\x02", "a.csv: it is a binary file, not CSV"),
        ("a.csv", b"", "a.csv: the file is empty"),
        ("a.xlsx", b"text\n1", "a.xlsx: it is text, not an Excel workbook"),
        ("a.xlsx", PNG, "a.xlsx: it is a PNG picture, not an Excel workbook"),
        ("a.xlsx", b"PK\x03\x04 cut", "a.xlsx: broken or cut short, not readable as an Excel workbook"),
        ("a.parquet", b"text\n1", "a.parquet: it is text, not Parquet"),
        ("a.parquet", b"PAR1....", "a.parquet: broken or cut short, not readable as Parquet"),
        ("a.png", PNG, "a.png: cannot tell the format from the name"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(UserError) as caught:
        check(tmp_path / "kept", name, content)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"text\n1", "it is text, not gzip"),
        (PNG, "it is a PNG picture, not gzip"),
        (gzip.compress(PNG, mtime=0), "it is a PNG picture, not CSV"),
        (gzip.compress(b"text\n" * 1_000, mtime=0)[:40], "broken or cut short, not readable as gzip"),
    ],
)
def test_what_is_packed_is_looked_at_too(tmp_path: Path, content: bytes, said: str) -> None:
    check(tmp_path / "good.csv.gz", "good.csv.gz", gzip.compress(b"text\n1\n"))
    with pytest.raises(UserError, match=said):
        check(tmp_path / "kept.csv.gz", "a.csv.gz", content)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\x20" * 12 * MB)
    assert len(bomb) < MB / 10
    with pytest.raises(UserError, match=r"a\.csv\.gz: it unpacks to more than 10 MB"):
        check(tmp_path / "kept.csv.gz", "a.csv.gz", bomb)


def test_a_workbook_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "kept.xlsx")
    check(path, "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", b" " * 12 * MB)
    with pytest.raises(UserError, match=r"a\.xlsx: it unpacks to more than 10 MB"):
        check(path, "a.xlsx")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("word/document.xml", "a Word document"),
        ("content.xml", "an OpenDocument file"),
        ("readme.txt", "a ZIP archive without a workbook"),
    ],
)
def test_an_archive_that_is_no_workbook_is_named(tmp_path: Path, part: str, said: str) -> None:
    path = tmp_path / "kept.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(UserError, match=f"it is {said}, not an Excel workbook"):
        check(path, "a.xlsx")


def test_a_parquet_file_says_how_large_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "kept.parquet"
    pq.write_table(pa.table({"text": ["a" * 100] * 200_000}), path, use_dictionary=False, compression="zstd")
    check(path, "a.parquet", largest=100 * MB)
    with pytest.raises(UserError, match=r"a\.parquet: it unpacks to more than 10 MB"):
        check(path, "a.parquet")
