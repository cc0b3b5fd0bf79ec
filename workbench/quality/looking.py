"""What texts and attributes are like, record by record. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from workbench.quality.scripts import Script, script_of

# Texts with fewer characters say next to nothing.
NEAR_EMPTY = 5
SHOWN, SHOWN_TEXT, MOST_VALUES, COMMON = 8, 160, 1_000, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A text that several records share, and one of them."""

    text: str
    external_id: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A column that came with the records: how many have it, how many values it takes (None for more than
    `MOST_VALUES`), and the most common ones with their counts."""

    name: str
    filled: int
    values: int | None
    common: tuple[tuple[str, int], ...]


class Looked:
    """What the records that were looked at so far are like."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.scripts: Counter[Script] = Counter()
        self.near_empty = 0
        self.near_empty_ids: list[str] = []
        self._times: Counter[str] = Counter()
        self._first: dict[str, tuple[str, str]] = {}
        self._attributes: Counter[str] = Counter()

    def at(self, external_id: str, text: str, text_key: str, attributes: str | None) -> None:
        """One more record; `attributes` are JSON as it is stored."""
        self.lengths.append(len(text))
        self.scripts[script_of(text)] += 1
        if len(text) < 2 * NEAR_EMPTY and len(text.strip()) < NEAR_EMPTY:
            self.near_empty += 1
            if len(self.near_empty_ids) < SHOWN:
                self.near_empty_ids.append(external_id)
        self._times[text_key] += 1
        self._first.setdefault(text_key, (cut(text), external_id))
        if attributes is not None:
            self._attributes[attributes] += 1

    @property
    def texts(self) -> int:
        """How many different ones."""
        return len(self._times)

    def repeated(self) -> tuple[int, tuple[Repeated, ...]]:
        """How many texts come several times, and the most common ones."""
        shared = sum(times > 1 for times in self._times.values())
        most = [(key, times) for key, times in self._times.most_common(SHOWN) if times > 1]
        return shared, tuple(
            Repeated(text=self._first[key][0], external_id=self._first[key][1], times=times) for key, times in most
        )

    def attributes(self) -> tuple[Attribute, ...]:
        """Those that most records have first."""
        filled: Counter[str] = Counter()
        values: dict[str, Counter[str]] = {}
        for stored, records in self._attributes.items():
            for name, value in (json.loads(stored) or {}).items():
                filled[name] += records
                counts = values.setdefault(name, Counter())
                if value in counts or len(counts) <= MOST_VALUES:
                    counts[value] += records
        return tuple(_attribute(name, count, values[name]) for name, count in filled.most_common())


def _attribute(name: str, filled: int, values: Counter[str]) -> Attribute:
    return Attribute(
        name=name,
        filled=filled,
        values=None if len(values) > MOST_VALUES else len(values),
        common=tuple((cut(value), count) for value, count in values.most_common(COMMON)),
    )


def cut(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= SHOWN_TEXT else text[:SHOWN_TEXT] + "…"
