"""Reading what a chat model wrote: the JSON asked for, or plain "CATEGORY: x" lines; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.proposing.llm.chat_prompt import CONFIDENCE, RATIONALE
from workbench.proposing.llm.endpoint import sound
from workbench.proposing.llm.questions import Choice, Question, UnreadableError, YesNo, number
from workbench.proposing.stems import fold

# What a bare label without a stated confidence is taken to mean; a claim either way until it is calibrated.
UNSTATED = 0.6
LISTED, NOT_LISTED = 0.8, 0.1

_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)
_LINE = re.compile(r"^[\W_]*(?P<name>[^\W\d_]+)[\W_]*?[:=]\s*(?P<value>\S.*?)\s*$", re.MULTILINE)
_CATEGORY = ("категория", "category", "метка", "label", "класс", "class")
_CONFIDENCE = ("уверенность", "confidence", "вероятность", "probability")
_TAGS = ("теги", "tags", "тэги", "метки", "labels")
_WHY = ("пояснение", "обоснование", "rationale", "explanation", "reason", "почему", "why")


def read(content: str, questions: Sequence[Question]) -> tuple[dict[str, dict[str, float]], dict[str, float], str]:
    """(choices, yes, rationale) as in `Reply`; raises UnreadableError, naming what is wrong."""
    written = _THINKING.sub("", content).strip()
    if not written:
        raise UnreadableError("the answer is empty")
    fields = _object(written)
    return _from_fields(fields, questions) if fields is not None else _from_lines(written, questions)


def _object(written: str) -> dict[str, Any] | None:
    start, end = written.find("{"), written.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        fields = json.loads(written[start : end + 1])
    except (ValueError, RecursionError):
        raise UnreadableError("the answer is not JSON") from None
    return fields if isinstance(fields, dict) else None


def _from_fields(
    fields: Mapping[str, Any], questions: Sequence[Question]
) -> tuple[dict[str, dict[str, float]], dict[str, float], str]:
    choices: dict[str, dict[str, float]] = {}
    yes: dict[str, float] = {}
    for question in questions:
        if isinstance(question, Choice):
            option = _option(fields.get(question.key), question)
            choices[question.key] = _spread(option, _confidence(fields.get(question.key + CONFIDENCE)), question.names)
        else:
            yes[question.key] = number(fields.get(question.key), question.key)
    why = fields.get(RATIONALE)
    return choices, yes, sound(why).strip() if isinstance(why, str) else ""


def _from_lines(
    written: str, questions: Sequence[Question]
) -> tuple[dict[str, dict[str, float]], dict[str, float], str]:
    """From servers that ignore `response_format`: a choice by "CATEGORY: x", yes/no by their names in "TAGS: x, y"."""
    lines = {fold(match["name"]): match["value"] for match in _LINE.finditer(written)}
    single = [question for question in questions if isinstance(question, Choice)]
    named = [question for question in questions if isinstance(question, YesNo)]
    choices: dict[str, dict[str, float]] = {}
    if single:
        if len(single) > 1:
            raise UnreadableError("the answer is not JSON")
        stated = _first(lines, _CATEGORY) or (written if "\n" not in written else None)
        option = _option(stated, single[0])
        choices[single[0].key] = _spread(option, _confidence(_first(lines, _CONFIDENCE)), single[0].names)
    yes = _listed(_first(lines, _TAGS), named) if named else {}
    return choices, yes, sound(_first(lines, _WHY) or "")


def _listed(value: str | None, questions: Sequence[YesNo]) -> dict[str, float]:
    if value is None:
        raise UnreadableError("the answer is not JSON")
    said = {_plain(part) for part in re.split(r"[,;|]", value)}
    return {question.key: LISTED if _plain(question.subject) in said else NOT_LISTED for question in questions}


def _option(value: object, question: Choice) -> str:
    """The option that was meant: spelled exactly, or but for case and quotes."""
    if isinstance(value, str):
        if value in question.names:
            return value
        alike = [name for name in question.names if _plain(name) == _plain(value)]
        if len(alike) == 1:
            return alike[0]
    raise UnreadableError(f"{question.key}: {str(value)[:80]!r} is not one of the options")


def _spread(option: str, confidence: float, names: Sequence[str]) -> dict[str, float]:
    """The stated confidence on the option, never below an equal share, and the rest on the others alike."""
    sure = max(confidence, 1 / len(names))
    rest = (1.0 - sure) / max(1, len(names) - 1)
    return {name: sure if name == option else rest for name in names}


def _confidence(value: object) -> float:
    """From 0.9, "0.9", 90 or "90 %"; `UNSTATED` for anything else."""
    text = str(value).strip().removesuffix("%").strip().replace(",", ".")
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d+)?", text):
        return UNSTATED
    stated = float(text)
    return stated if stated <= 1 else stated / 100 if stated <= 100 else UNSTATED


def _first(lines: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((lines[name] for name in names if name in lines), None)


def _plain(name: str) -> str:
    return fold(name).strip(" \t\n\"'«»“”*`.,;:-")
