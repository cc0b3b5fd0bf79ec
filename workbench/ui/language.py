"""The two languages of the UI. Both its pages and the server read the same files in static/texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

_TEXTS = Path(__file__).parent / "static" / "texts"


class Language(StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Every text of the UI by key; `{name}` marks what is filled in."""
    loaded: dict[str, str] = json.loads((_TEXTS / f"{language.value}.json").read_text(encoding="utf-8"))
    return loaded
