"""What every reader yields and every writer takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

UNDECODED = "bytes that do not belong to the encoding of the rest of the file"
_WHOLE_FLOATS = 1e15


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `fault` says why it cannot be read; its `values` are then what little is known of it."""

    number: int
    values: Mapping[str, object] = field(default_factory=dict)
    fault: str = ""


def as_text(value: object) -> str:
    """A cell as text: nothing for None and not-a-number, no trailing .0 for whole numbers, JSON for lists and maps."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # only NaN differs from itself
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_FLOATS:
        return str(int(value))
    return str(value)
