"""The two languages of the UI. Both its pages and the server read the same files in static/texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

_TEXTS = Path(__file__).parent / "static" / "texts"
# Not texts by key: how the lines that the server says in English read in another language. Only the pages use it.
PHRASE_BOOK = "errors.json"


class Language(StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Every text of the UI by key, of the frame and of all pages; `{name}` marks what is filled in."""
    files = sorted(file for file in (_TEXTS / language.value).glob("*.json") if file.name != PHRASE_BOOK)
    return {key: text for file in files for key, text in json.loads(file.read_text(encoding="utf-8")).items()}


def plural(language: Language, n: int) -> str:
    """The plural form of `n` things: the endings of the keys in static/texts, as browsers name them too."""
    if language is Language.ENGLISH:
        return "one" if n == 1 else "other"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "other"
