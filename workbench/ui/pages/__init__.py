"""The pages: each puts one static element in place, whose script talks to our own routes."""

from __future__ import annotations

import gradio as gr


def static_page(script: str) -> None:
    """An empty element that `static/SCRIPT` fills. Its address is resolved here, not relative to Gradio's own files."""
    load = f"import(new URL('ui/{script}', document.baseURI)).then((page) => page.start(element));"
    gr.HTML("", html_template="<div class='wb'></div>", js_on_load=load, apply_default_css=False, padding=False)
