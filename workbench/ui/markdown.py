"""Guidelines in Markdown become HTML that is safe in a page: what people wrote as HTML is shown as text."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SCHEMES = ("http://", "https://", "mailto:")
# A page has a title and its cards have theirs.
_BELOW = 2


@lru_cache(maxsize=64)
def render_markdown(text: str) -> str:
    """HTML of headings, lists, tables, quotes, code and links; links lead to http, https and mailto only.

    Pictures are not loaded, for they would ask other hosts: their words stand in their place.
    """
    html: str = _reader().render(text)
    return html


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    reader.validateLink = _leads_outside  # type: ignore[method-assign, assignment]
    reader.add_render_rule("image", _image)
    reader.core.ruler.push("own_page", _fit_page)
    return reader


def _leads_outside(address: str) -> bool:
    return address.strip().lower().startswith(_SCHEMES)


def _image(_self: Any, tokens: Sequence[Token], place: int, _options: Any, _env: MutableMapping[str, Any]) -> str:
    token = tokens[place]
    return f"<em>{escape(token.content or str(token.attrs.get('src', '')))}</em>"


def _fit_page(state: Any) -> None:
    """Headings go below the page's own, and links open beside it without telling where they come from."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _BELOW)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
