"""Which encoding a text file is in: UTF-8, UTF-16 by its mark, or CP1251."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 1 << 20
_UNDECODED = re.compile("[\udc80-\udcff]")
_ASCII = bytes(range(128))
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def detect_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole file that can be rewound.

    A file that is not UTF-8 throughout is UTF-8 where most of its letters are, and CP1251 otherwise: single lines in
    another encoding are rows at fault, and CP1251 may hold what looks like a letter of UTF-8, as in «СОЮЗ СССР».
    """
    if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return "utf-8-sig" if _is_utf8(stream) or _is_mostly_utf8(stream) else "cp1251"


def not_decoded(text: str) -> bool:
    """Whether `text`, read with `surrogateescape`, holds bytes that the encoding does not know."""
    return _UNDECODED.search(text) is not None


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(stream):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(stream: BinaryIO) -> bool:
    beyond_ascii = in_letters = 0
    for chunk in _chunks(stream):
        beyond_ascii += len(chunk.translate(None, _ASCII))
        in_letters += len(chunk) - len(_UTF8_LETTER.sub(b"", chunk))
    return 2 * in_letters > beyond_ascii


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        yield chunk
