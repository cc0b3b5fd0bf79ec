"""What differs between two label sets. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.types import Category, LabelSet, Tag


class ChangeKind(StrEnum):
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """One label's change. `section` is the category whose tags it is among; None for a category itself.

    `fields` are what was changed of it: description, keywords, color or definition. A new order is one change of the
    whole list, with an empty `name`. A name that was written differently is a label removed and another added.
    """

    kind: ChangeKind
    name: str
    section: str | None = None
    fields: tuple[str, ...] = ()


def compare_label_sets(old: LabelSet, new: LabelSet) -> list[LabelChange]:
    """Everything that differs: what was removed first, then what was added, changed and moved."""
    found = list(_categories(old, new))
    for section in dict.fromkeys([*old.tags, *new.tags]):
        found += _tags(section, old.tags.get(section, ()), new.tags.get(section, ()))
    order = list(ChangeKind)
    return sorted(found, key=lambda change: order.index(change.kind))


def _categories(old: LabelSet, new: LabelSet) -> Iterator[LabelChange]:
    before = {category.name: category for category in old.categories}
    after = {category.name: category for category in new.categories}
    yield from _came_and_went(before, after, None)
    for name in (name for name in before if name in after):
        if fields := tuple(f for f in ("description", "keywords", "color") if _differ(before[name], after[name], f)):
            yield LabelChange(kind=ChangeKind.CHANGED, name=name, fields=fields)


def _tags(section: str, old: tuple[Tag, ...], new: tuple[Tag, ...]) -> Iterator[LabelChange]:
    before = {tag.name: tag for tag in old}
    after = {tag.name: tag for tag in new}
    yield from _came_and_went(before, after, section)
    for name in (name for name in before if name in after):
        if _differ(before[name], after[name], "definition"):
            yield LabelChange(kind=ChangeKind.CHANGED, name=name, section=section, fields=("definition",))


def _came_and_went(
    before: Mapping[str, object], after: Mapping[str, object], section: str | None
) -> Iterator[LabelChange]:
    for name in before:
        if name not in after:
            yield LabelChange(kind=ChangeKind.REMOVED, name=name, section=section)
    for name in after:
        if name not in before:
            yield LabelChange(kind=ChangeKind.ADDED, name=name, section=section)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield LabelChange(kind=ChangeKind.MOVED, name="", section=section)


def _differ(old: Category | Tag, new: Category | Tag, field: str) -> bool:
    return bool(getattr(old, field) != getattr(new, field))
