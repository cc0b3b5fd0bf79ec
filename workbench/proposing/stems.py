"""Words and their stems, Russian and English. Pure but for the cache of stems."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]")
# Snowball keeps its working buffer in the stemmer, so that two threads must not share one.
_local = threading.local()


def fold(text: str) -> str:
    """The form in which words are compared: compatibility characters, case and ё do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")


def words(text: str) -> list[str]:
    """The folded words of `text` in order: runs of letters and digits."""
    return _WORD.findall(fold(text))


def spelled(text: str) -> list[str]:
    """The same words in the same places, with ё where it is written."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of a folded word (Snowball; Porter, 2001), by the alphabet it is written in."""
    return str(_stemmer("russian" if only_cut(word) else "english").stemWord(word))


def only_cut(word: str) -> bool:
    """Whether the stem of a folded word is how it begins: Russian endings are cut off, English ones may be changed."""
    return _CYRILLIC.search(word) is not None


def _stemmer(language: str) -> Any:
    stemmers = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = _algorithms()(language)
    return stemmers[language]


@cache
def _algorithms() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer
