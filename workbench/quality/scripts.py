"""Which letters a text is written in: a light guess by its script, not a detection of its language. Pure."""

from __future__ import annotations

from enum import StrEnum
from string import ascii_letters

# Enough to tell; a review says at its start what it is written in.
LOOKED_AT = 400
# From this share of its letters on, one script is the text's.
MAIN = 0.8
# The first bytes that letters have in UTF-8: U+0400 to U+04FF, Latin up to U+024F, and what else is mostly letters.
# Punctuation, arrows and pictures (E2, EF, F0) count as none.
_CYRILLIC = bytes(range(0xD0, 0xD4))
_LATIN = ascii_letters.encode() + bytes(range(0xC3, 0xCA))
_OTHER = bytes([*range(0xCA, 0xD0), *range(0xD4, 0xE2), *range(0xE3, 0xEF)])


class Script(StrEnum):
    """`MIXED` is Cyrillic and Latin, `OTHER` any other letters, `NONE` no letters at all."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"
    MIXED = "mixed"
    OTHER = "other"
    NONE = "none"


def script_of(text: str) -> Script:
    """The script of a text's first `LOOKED_AT` characters."""
    # Bytes are counted where they are deleted: a hundred thousand texts take a tenth of what patterns take.
    head = text[:LOOKED_AT].encode("utf-8", "ignore")
    cyrillic, latin, other = (len(head) - len(head.translate(None, some)) for some in (_CYRILLIC, _LATIN, _OTHER))
    letters = cyrillic + latin + other
    if not letters:
        return Script.NONE
    if cyrillic >= MAIN * letters:
        return Script.CYRILLIC
    if latin >= MAIN * letters:
        return Script.LATIN
    return Script.MIXED if cyrillic + latin >= MAIN * letters else Script.OTHER
