"""Gradio's own parts in the workbench's colours; the pages' own parts take theirs from static/theme.css."""

from __future__ import annotations

import gradio as gr

# Plain names, no gr.themes.GoogleFont: nothing is asked of another host.
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")


def make_theme() -> gr.themes.Base:
    theme = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=_SANS, font_mono=_MONO)
    return theme.set(body_background_fill="#f5f4f0", body_background_fill_dark="#14171a")
