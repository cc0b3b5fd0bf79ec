"""The gate's reasons and verdicts in the reader's language. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from db.reasons import Reason
from training.gate_words import in_words, shown
from workbench.ui.language import Language, texts

# Values that are words themselves, each with its own texts.
_NAMED = ("task", "measure")


def say_reason(reason: Reason, language: Language) -> str:
    """One line; a code without a text of its own, from another version, in English or as it is."""
    words = texts(language)
    template = words.get(f"models_gate_{reason.code}")
    if template is None:
        return in_words(reason)
    values = {
        name: words.get(f"models_{name}_{value}", str(value)) if name in _NAMED else _figure(name, value, language)
        for name, value in reason.values.items()
    }
    return template.format_map(values)


def say_verdict(verdict: str, language: Language) -> str:
    """The word for a verdict; one that is not known here stands for itself."""
    return texts(language).get(f"models_verdict_{verdict.replace(' ', '_')}", verdict)


def _figure(name: str, value: str | int | float, language: Language) -> str:
    written = shown(name, value)
    if isinstance(value, str) or language is Language.ENGLISH:
        return written
    return written.replace(".", ",").replace("%", "\N{NO-BREAK SPACE}%").replace("-", "−")
