"""What a file is by its first bytes, in words: for one that is not what its name says."""

from __future__ import annotations

import codecs

HEAD = 8_192
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STARTS = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
)
_PAGES = (b"<!doctype html", b"<html", b"<head")


def what_it_is(head: bytes) -> str | None:
    """A kind of file that is no table of text, by its first `HEAD` bytes; None for what may be one."""
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head.startswith(_UTF16):
        return None
    text = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith(_PAGES):
        return "a web page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    return "a binary file" if b"\x00" in head else None
