"""Whether imported labels are on the project's list, and which new ones an import brings."""

from __future__ import annotations

from db.label_sets import MAX_NAME, extended
from db.types import Answer, Kind, LabelSet
from workbench.exchange.parsing import RowFault


class LabelCheck:
    """Decided once per import: with no label set yet, or when asked to, people's labels make or extend it."""

    def __init__(self, label_set: LabelSet, kind: Kind, *, may_add: bool) -> None:
        self._label_set = label_set
        self._kind = kind
        self._may_add = may_add or label_set.is_empty
        self._categories = set(label_set.category_names)
        self._tags = {section: set(label_set.tag_names(section)) for section in label_set.tags}
        self._new_categories: dict[str, None] = {}
        self._new_tags: dict[str, dict[str, None]] = {}

    def admit(self, answer: Answer, record_category: str | None) -> None:
        """Take a person's answer; raises RowFault for labels that are off the list and may not be added."""
        if self._kind.asks_category:
            self._admit_category(answer.category)
        elif answer.category is not None:
            raise RowFault("the project asks for tags only; import its categories with --category-column")
        if answer.tags is not None:
            if not self._kind.asks_tags:
                raise RowFault("the project asks for a category only; it takes no tags")
            self._admit_tags(answer.tags, answer.category or record_category or "")

    def on_list(self, answer: Answer, record_category: str | None) -> bool:
        """Whether a machine's answer is among the labels as they were before the import."""
        if answer.category is not None and answer.category not in self._categories:
            return False
        section = answer.category or record_category
        return answer.tags is None or set(answer.tags) <= set(self._label_set.tag_names(section))

    def extended(self) -> tuple[LabelSet, list[str]]:
        """The label set with what was added, and the added names."""
        tags = {section: tuple(names) for section, names in self._new_tags.items()}
        added = list(self._new_categories) + [
            f"{section}/{name}" if section else name for section, names in tags.items() for name in names
        ]
        return extended(self._label_set, categories=self._new_categories, tags=tags), added

    def _admit_category(self, name: str | None) -> None:
        if name is None:
            raise RowFault("tags without a category; the project asks for both")
        if name not in self._categories and name not in self._new_categories:
            self._refuse_or_add(f"unknown label {name!r}", name, list(self._categories))
            self._new_categories[name] = None

    def _admit_tags(self, tags: tuple[str, ...], section: str) -> None:
        known = self._tags.get(section)
        if known is None and section not in self._new_tags and not self._may_add:
            raise RowFault(
                f"no tags are listed for the category {section!r}; add them to the labels, or use --add-labels"
            )
        new = self._new_tags.setdefault(section, {}) if self._may_add else {}
        for name in tags:
            if name not in (known or ()) and name not in new:
                self._refuse_or_add(f"unknown tag {name!r} for {section!r}", name, list(known or ()))
                new[name] = None

    def _refuse_or_add(self, fault: str, name: str, allowed: list[str]) -> None:
        if not self._may_add:
            shown = ", ".join(sorted(allowed)[:12])
            raise RowFault(f"{fault}; the labels are: {shown}")
        if len(name) > MAX_NAME:
            raise RowFault(f"a label of {len(name)} characters; at most {MAX_NAME} are taken")
