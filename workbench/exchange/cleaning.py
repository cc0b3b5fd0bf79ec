"""Recorded cleaning of texts at import. Pure; the original text is kept beside the cleaned one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

from db.errors import UserError

_REPEATED = re.compile(r"([^\s\d])\1{3,}")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")


class _TextOnly(HTMLParser):
    """Keeps what a browser would show: no tags, no scripts, entities as characters, line breaks for blocks."""

    _SILENT = frozenset({"script", "style"})
    _BLOCKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def without_html(text: str) -> str:
    """The text of a piece of HTML; text without any comes back as it is."""
    if "<" not in text and "&" not in text:
        return text
    parser = _TextOnly()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts).strip()


def single_spaces(text: str) -> str:
    """Runs of white space as one space, of empty lines as one line break; none at the ends."""
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def fewer_repeats(text: str) -> str:
    """A character four or more times in a row becomes three: «оооочень!!!!!!» → «ооочень!!!»; digits stay."""
    return _REPEATED.sub(lambda match: match.group(1) * 3, text)


CLEANERS: dict[str, Callable[[str], str]] = {"html": without_html, "spaces": single_spaces, "repeats": fewer_repeats}


def check_cleaners(names: Sequence[str]) -> tuple[str, ...]:
    """`names` as they are; raises UserError for one there is not."""
    for name in names:
        if name not in CLEANERS:
            raise UserError(f"--clean: no cleaning {name!r}; choose from {', '.join(CLEANERS)}")
    return tuple(names)


def clean(text: str, names: Sequence[str]) -> str:
    """`text` after these cleanings, in this order."""
    for name in names:
        text = CLEANERS[name](text)
    return text
