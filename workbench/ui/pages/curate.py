"""The page where people label: static/annotate.js on the routes of api/annotate.py."""

from __future__ import annotations

from workbench.ui.pages import static_page


def build() -> None:
    """Everything happens in the browser, so that a key press never waits for the server."""
    static_page("annotate.js")
