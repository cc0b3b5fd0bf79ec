"""What the address of a list asks of the records becomes a filter, or one line that says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from db.errors import UserError
from db.record_filter import RecordFilter, RecordSort
from db.types import RecordStatus, Stage

MAX_SIZE, DEFAULT_SIZE = 200, 50
_LONGEST = 1_000
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordRequest:
    """A filter and which part of what it finds; pages count from 1."""

    filter: RecordFilter
    page: int = 1
    size: int = DEFAULT_SIZE


def read_request(given: Mapping[str, str]) -> RecordRequest:
    """From the parameters of an address; an empty one counts as not given.

    Dates are days in UTC, or moments with a time and a zone; `to` is included if it is a day. Raises UserError naming
    the parameter at fault.
    """
    values = {key: value for key, value in given.items() if value != ""}
    if unknown := sorted(values.keys() - _READERS.keys()):
        raise UserError(f"{unknown[0]}: records cannot be asked for by this; known: {', '.join(_READERS)}")
    read: dict[str, Any] = {}
    for key, value in values.items():
        field, reader = _READERS[key]
        try:
            read[field] = reader(value)
        except ValueError as error:
            raise UserError(f"{key}: {error} (got {value[:80]!r})") from None
    paging = {name: read.pop(name) for name in ("page", "size") if name in read}
    return RecordRequest(filter=RecordFilter(**read), **paging)


def _words(raw: str) -> str:
    if len(raw) > _LONGEST or "\x00" in raw:
        raise ValueError(f"at most {_LONGEST} characters, no NUL among them")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise ValueError("whole characters") from None
    return raw


def _one_of(kind: type[_Choice]) -> Callable[[str], _Choice]:
    def read(raw: str) -> _Choice:
        try:
            return kind(raw)
        except ValueError:
            raise ValueError(f"one of {', '.join(kind)}") from None

    return read


def _yes_or_no(raw: str) -> bool:
    if raw not in ("yes", "no"):
        raise ValueError("yes or no")
    return raw == "yes"


def _descending(raw: str) -> bool:
    if raw not in ("up", "down"):
        raise ValueError("up or down")
    return raw == "down"


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        if not (raw.isascii() and raw.isdecimal() and len(raw) < 10 and low <= int(raw) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(raw)

    return read


def _since(raw: str) -> datetime:
    return _moment(raw, whole_day=False)


def _until(raw: str) -> datetime:
    return _moment(raw, whole_day=True)


def _moment(raw: str, *, whole_day: bool) -> datetime:
    try:
        day = date.fromisoformat(raw)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return moment + timedelta(days=1) if whole_day else moment
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("a day like 2026-11-21, or a moment with its zone like 2026-11-21T09:00:00+03:00")


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "text": ("text", _words),
    "id": ("external_id", _words),
    "group": ("group", _words),
    "status": ("status", _one_of(RecordStatus)),
    "category": ("category", _words),
    "tag": ("tag", _words),
    "proposed": ("proposed", _words),
    "proposed_tag": ("proposed_tag", _words),
    "stage": ("stage", _one_of(Stage)),
    "settled": ("settled", _one_of(Stage)),
    "source": ("source", _words),
    "disagree": ("disagrees", _yes_or_no),
    "blind": ("blind", _yes_or_no),
    "person": ("person", _words),
    "from": ("since", _since),
    "to": ("until", _until),
    "sort": ("sort", _one_of(RecordSort)),
    "order": ("descending", _descending),
    "page": ("page", _number(1, 10_000)),
    "size": ("size", _number(1, MAX_SIZE)),
}
