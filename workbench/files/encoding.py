"""Which encoding a text file is in: UTF-8, UTF-16 by its mark, or CP1251."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

_CHUNK = 1 << 20
_UNDECODED = re.compile("[\udc80-\udcff]")
# A lead byte with its continuation: text that was written as UTF-8 on purpose, hardly ever two CP1251 letters in a row.
_CYRILLIC_UTF8 = re.compile(rb"[\xd0\xd1][\x80-\xbf]")


def detect_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole file, read to its end.

    UTF-8 wherever some of it is Cyrillic in UTF-8, even if single lines are not: those are the rows at fault.
    """
    head = stream.read(_CHUNK)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    written_as_utf8 = False
    valid = True
    chunk = head
    while chunk:
        written_as_utf8 = written_as_utf8 or _CYRILLIC_UTF8.search(chunk) is not None
        if valid:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                valid = False
        if not valid and written_as_utf8:
            break
        chunk = stream.read(_CHUNK)
    return "utf-8-sig" if valid or written_as_utf8 else "cp1251"


def not_decoded(text: str) -> bool:
    """Whether `text`, read with `surrogateescape`, holds bytes that the encoding does not know."""
    return _UNDECODED.search(text) is not None
