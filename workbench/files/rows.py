"""What every reader yields and every writer takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `fault` says why it cannot be read; its `values` are then what little is known of it."""

    number: int
    values: Mapping[str, object] = field(default_factory=dict)
    fault: str = ""


def as_text(value: object) -> str:
    """A cell as text: nothing for None and not-a-number, no trailing .0 for whole numbers."""
    if value is None or value != value:  # only NaN differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)
