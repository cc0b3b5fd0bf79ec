"""Whether imported labels are on the project's list, and which new ones an import brings."""

from __future__ import annotations

from collections.abc import Iterable

from db.label_sets import MAX_NAME, extended
from db.types import Answer, Kind, LabelSet
from workbench.exchange.parsing import RowFault

# Names by their case-folded form: two labels may not differ in case alone.
_Names = dict[str, str]


class LabelCheck:
    """Decided once per import: with no label set yet, or when asked to, people's labels make or extend it."""

    def __init__(self, label_set: LabelSet, kind: Kind, *, may_add: bool) -> None:
        self._label_set = label_set
        self._kind = kind
        self._may_add = may_add or label_set.is_empty
        self._on_list = set(label_set.category_names)
        self._categories = _names(label_set.category_names)
        self._tags = {section: _names(label_set.tag_names(section)) for section in label_set.tags}

    def admit(self, answer: Answer, record_category: str | None) -> None:
        """Take a person's answer; raises RowFault for labels that are off the list and may not be added."""
        if self._kind.asks_category:
            if answer.category is None:
                raise RowFault("tags without a category; the project asks for both")
            self._admit(answer.category, self._categories, "label")
        elif answer.category is not None:
            raise RowFault("the project asks for tags only; import its categories with --category-column")
        if answer.tags is not None:
            if not self._kind.asks_tags:
                raise RowFault("the project asks for a category only; it takes no tags")
            self._admit_tags(answer.tags, answer.category or record_category)

    def on_list(self, answer: Answer, record_category: str | None) -> bool:
        """Whether a machine's answer is among the labels as they were before the import."""
        if answer.category is not None and answer.category not in self._on_list:
            return False
        section = answer.category or record_category
        return answer.tags is None or set(answer.tags) <= set(self._label_set.tag_names(section))

    def extended(self, current: LabelSet, said: Iterable[tuple[Answer, str | None]]) -> tuple[LabelSet, list[str]]:
        """`current` with the labels of admitted answers (each with its record's category), and the added names."""
        if not self._may_add:
            return current, []
        categories: dict[str, None] = {}
        tags: dict[str, dict[str, None]] = {}
        for answer, record_category in said:
            section = self._section(answer.category or record_category)
            # Where categories are listed in a project of tags, every section has to be among them.
            if answer.category is not None or (section and self._on_list):
                categories.setdefault(section)
            if answer.tags is not None:
                tags.setdefault(section, {}).update(dict.fromkeys(answer.tags))
        known = set(current.category_names)
        added = [name for name in categories if name not in known]
        for section, names in tags.items():
            present = {tag.name for tag in current.tags.get(section, ())}
            added += [f"{section}/{name}" if section else name for name in names if name not in present]
        return extended(current, categories=categories, tags=tags), added

    def _admit_tags(self, tags: tuple[str, ...], category: str | None) -> None:
        section = self._section(category)
        known = self._tags.get(section)
        if known is None and self._may_add:
            known = self._tags[section] = {}
        elif known is None and category is None:
            known = _names(self._label_set.tag_names(None))
        elif known is None:
            raise RowFault(
                f"no tags are listed for the category {section!r}; "
                "add them to the labels, or let the import add labels (--add-labels)"
            )
        for name in tags:
            self._admit(name, known, "tag", where=f" of {section!r}" if section else "")

    def _section(self, category: str | None) -> str:
        """Where a category's tags are listed; a section "" is for all that have none of their own."""
        return "" if category is None or (category not in self._tags and "" in self._label_set.tags) else category

    def _admit(self, name: str, known: _Names, what: str, where: str = "") -> None:
        spelled = known.get(folded := name.casefold())
        if spelled == name:
            return
        if spelled is not None:
            raise RowFault(f"{what} {name!r}{where} differs from {spelled!r} only in upper and lower case")
        if not self._may_add:
            shown = ", ".join(sorted(known.values())[:12])
            raise RowFault(f"unknown {what} {name!r}{where}; listed are: {shown}")
        if len(name) > MAX_NAME:
            raise RowFault(f"a label of {len(name)} characters; at most {MAX_NAME} are taken")
        known[folded] = name


def _names(names: Iterable[str]) -> _Names:
    return {name.casefold(): name for name in names}
