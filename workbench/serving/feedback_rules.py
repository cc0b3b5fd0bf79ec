"""What makes feedback valid, and the answer it stands for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from db.errors import UserError
from db.types import Answer, LabelSet, Project, Record
from workbench.serving.prediction import MAX_CHARS

MAX_NAME, MAX_KEY, MAX_TAGS = 255, 255, 200
_SHOWN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """What a caller says of one record, named by its id, by its text, or by both to make it where it is new.

    In a project that asks for tags only, `category` is the record's known category. `key` makes the request idempotent.
    """

    external_id: str | None = None
    text: str | None = None
    category: str | None = None
    tags: tuple[str, ...] | None = None
    prediction_id: str | None = None
    person: str = "api"
    key: str | None = None


def check_form(feedback: Feedback) -> None:
    """Raises UserError for what is wrong whatever the project; never shows the text."""
    if feedback.text is not None:
        _check_text(feedback.text)
    elif feedback.external_id is None:
        raise UserError("id, text: name the record by one of them")
    for field, name in (("id", feedback.external_id), ("by", feedback.person)):
        if name is not None and not (name.strip() and len(name) <= MAX_NAME and name.isprintable()):
            raise UserError(f"{field}: 1–{MAX_NAME} printable characters (got {name[:80]!r})")
    if feedback.key is not None and not 0 < len(feedback.key) <= MAX_KEY:
        raise UserError(f"Idempotency-Key: 1–{MAX_KEY} characters")
    if feedback.tags is not None and len(feedback.tags) > MAX_TAGS:
        raise UserError(f"tags: {len(feedback.tags)} tags, at most {MAX_TAGS}")


def _check_text(text: str) -> None:
    if not text.strip():
        raise UserError("text: it is empty")
    if len(text) > MAX_CHARS:
        raise UserError(f"text: {len(text)} characters, at most {MAX_CHARS}")
    if "\x00" in text:
        raise UserError("text: it holds a NUL character, which no database keeps")


def known_category(project: Project, feedback: Feedback) -> str | None:
    """The category that a record made from this feedback comes with, as against one that the caller answers with."""
    return None if project.kind.asks_category else feedback.category


def answer_of(project: Project, label_set: LabelSet, record: Record, feedback: Feedback) -> Answer:
    """The checked answer; raises UserError naming the label that is off the list and those that are on it."""
    tags = None if feedback.tags is None else tuple(dict.fromkeys(feedback.tags))
    if not project.kind.asks_category:
        _check_tags(label_set, tags, _section(label_set, record, feedback))
        return Answer(None, tags)
    _check_category(project, label_set, feedback.category)
    if project.kind.asks_tags:
        _check_tags(label_set, tags, feedback.category)
    elif tags is not None:
        raise UserError(f"tags: project {project.name!r} asks for no tags")
    return Answer(feedback.category, tags)


def _section(label_set: LabelSet, record: Record, feedback: Feedback) -> str | None:
    known = record.category
    if feedback.category is not None and known is not None and feedback.category != known:
        raise UserError(
            f"category: record {record.external_id!r} is known as {known!r}, not {feedback.category!r}; "
            "this project asks for tags only"
        )
    category = known if known is not None else feedback.category
    if feedback.category is not None and feedback.category not in label_set.tags and "" not in label_set.tags:
        raise UserError(f"category: {feedback.category!r} is off the list; allowed: {_listed(label_set.tags)}")
    return category


def _check_category(project: Project, label_set: LabelSet, category: str | None) -> None:
    if category is None:
        raise UserError(f"category: project {project.name!r} asks for one")
    if category not in label_set.category_names:
        raise UserError(f"category: {category[:80]!r} is off the list; allowed: {_listed(label_set.category_names)}")


def _check_tags(label_set: LabelSet, tags: tuple[str, ...] | None, category: str | None) -> None:
    if tags is None:
        raise UserError("tags: give the list of tags that apply, [] if none do")
    allowed = label_set.tag_names(category)
    stray = next((tag for tag in tags if tag not in set(allowed)), None)
    if stray is not None:
        of = f" of {category!r}" if category else ""
        raise UserError(f"tags: {stray[:80]!r} is not among the tags{of}; allowed: {_listed(allowed)}")


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" … ({len(known)} in all)" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more if known else "none yet (workbench labels P --set FILE)"
