"""What a setting may be: each kind reads a written value, or says in words what it takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol


class SettingKind(Protocol):
    """Reads what a person wrote; raises ValueError with what is taken instead. Its fields say the same in figures."""

    name: ClassVar[str]

    def __call__(self, raw: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number within two ends, both included."""

    name: ClassVar[str] = "number"
    low: float
    high: float

    def __call__(self, raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not self.low <= value <= self.high:
            raise ValueError(f"a number from {self.low:g} to {self.high:g}")
        return value


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number within two ends, both included."""

    name: ClassVar[str] = "whole"
    low: int
    high: int

    def __call__(self, raw: str) -> int:
        if not raw.strip().isdecimal() or not self.low <= int(raw) <= self.high:
            raise ValueError(f"a whole number from {self.low} to {self.high}")
        return int(raw)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    name: ClassVar[str] = "choice"
    allowed: tuple[str, ...]

    def __call__(self, raw: str) -> str:
        if raw not in self.allowed:
            raise ValueError(f"one of {', '.join(self.allowed)}")
        return raw


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    name: ClassVar[str] = "switch"

    def __call__(self, raw: str) -> bool:
        switches = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if raw.lower() not in switches:
            raise ValueError("true or false")
        return switches[raw.lower()]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Some of a few words, each once, at least one, in an order that matters."""

    name: ClassVar[str] = "ordered"
    allowed: tuple[str, ...]

    def __call__(self, raw: str) -> list[str]:
        names = [name.strip() for name in raw.split(",") if name.strip()]
        if not names or len(set(names)) < len(names) or not set(names) <= set(self.allowed):
            raise ValueError(f"different stages from {', '.join(self.allowed)}, separated by commas")
        return names


@dataclass(frozen=True, slots=True)
class Words:
    """Any text that can be kept, up to a length."""

    name: ClassVar[str] = "words"
    longest: int

    def __call__(self, raw: str) -> str:
        if len(raw) > self.longest or not (raw == "" or raw.isprintable()):
            raise ValueError(f"at most {self.longest} printable characters")
        return raw


@dataclass(frozen=True, slots=True)
class Template:
    """Text with a place for what it is about, or nothing."""

    name: ClassVar[str] = "words"
    longest: int
    place: str

    def __call__(self, raw: str) -> str:
        if raw and self.place not in raw:
            raise ValueError(f"a sentence with {self.place} in it, or nothing")
        return Words(self.longest)(raw)


def described(kind: SettingKind) -> dict[str, Any]:
    """The kind in plain JSON: its name, and its ends, words or length."""
    return {"kind": kind.name} | asdict(kind)  # type: ignore[call-overload]
