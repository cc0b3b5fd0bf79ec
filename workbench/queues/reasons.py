"""Why a record has its place in a queue: a compact code that is stored, and its words in the reader's language.

Codes: `random`, `blind`, `check`, `skipped`, `typical|214`, `margin|одежда|0.41|обувь|0.39`, `tag|Удобный|0.48|0.50`,
`disagreement|одежда|keywords|обувь|llm:gpt`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.spot_checks import CHECK_REASON

RANDOM = "random"
BLIND = "blind"
CHECK = CHECK_REASON
SKIPPED = "skipped"
# Two names and their figures must fit into the 255 characters of the column.
LONGEST_NAME = 100
LONGEST_OF_FOUR = 58

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        RANDOM: "random",
        BLIND: "blind sample: judge by the text alone",
        CHECK: "check of automatic labels: judge by the text alone",
        SKIPPED: "skipped by somebody before",
        "typical": "typical: stands for {0} similar texts",
        "margin": "uncertain: {0} {1} / {2} {3}",
        "tag": "uncertain tag: {0} {1}, threshold {2}",
        "disagreement": "sources disagree: {0} ({1}) / {2} ({3})",
    },
    "ru": {
        RANDOM: "случайная запись",
        BLIND: "слепая выборка: судите только по тексту",
        CHECK: "проверка автоматических меток: судите только по тексту",
        SKIPPED: "кто-то уже пропустил эту запись",
        "typical": "типичный текст: похожих на него — {0}",
        "margin": "модель сомневается: {0} {1} / {2} {3}",
        "tag": "спорный тег: {0} {1} при пороге {2}",
        "disagreement": "источники расходятся: {0} ({1}) / {2} ({3})",
    },
}


def typical(similar: int) -> str:
    """The record stands for so many similar texts, itself included."""
    return f"typical|{similar}"


def margin(first: str, first_probability: float, second: str, second_probability: float) -> str:
    """The model wavers between two categories."""
    return f"margin|{_name(first)}|{first_probability:.2f}|{_name(second)}|{second_probability:.2f}"


def uncertain_tag(tag: str, score: float, threshold: float) -> str:
    """The score of a tag lies close to its threshold."""
    return f"tag|{_name(tag)}|{score:.2f}|{threshold:.2f}"


def disagreement(first: str, first_sources: Sequence[str], second: str, second_sources: Sequence[str]) -> str:
    """Sources say different things: two labels, and who says each."""
    names = (first, ", ".join(first_sources), second, ", ".join(second_sources))
    return "|".join(["disagreement", *(_name(name, LONGEST_OF_FOUR) for name in names)])


def render_reason(reason: str, language: str = "en") -> str:
    """The reason in words, Russian for "ru" and English otherwise; a code that is not ours is returned as it is."""
    code, *values = reason.split("|")
    words = _WORDS["ru" if language.lower().startswith("ru") else "en"].get(code)
    if words is None or words.count("{") != len(values):
        return reason
    return words.format(*map(_percent, values))


def _name(name: str, longest: int = LONGEST_NAME) -> str:
    plain = name.replace("|", "/")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _percent(value: str) -> str:
    """Probabilities, which are written with a decimal point, as "41 %"; names and counts as they are."""
    whole, point, decimals = value.partition(".")
    is_share = point and whole in ("0", "1") and len(decimals) == 2 and decimals.isdecimal()
    return f"{float(value):.0%}".replace("%", " %") if is_share else value
