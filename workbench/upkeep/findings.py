"""What a check of the doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from sqlalchemy import Engine

from db.engine import make_engine
from db.settings import Settings
from workbench.settings import WorkbenchSettings
from workbench.upkeep.stores import Store, stores_of


class State(IntEnum):
    """From good to bad."""

    OK = 0
    WARNING = 1
    PROBLEM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`text` says what is so, `advice` what to do about it; `check` is the name of who found it."""

    state: State
    text: str
    advice: str = ""
    check: str = ""

    @property
    def line(self) -> str:
        advice = f" — {self.advice}" if self.advice else ""
        return f"{self.state.name.lower():<8}{self.check}: {self.text}{advice}"


def ok(text: str) -> Finding:
    return Finding(state=State.OK, text=text)


def warning(text: str, advice: str) -> Finding:
    return Finding(state=State.WARNING, text=text, advice=advice)


def problem(text: str, advice: str) -> Finding:
    return Finding(state=State.PROBLEM, text=text, advice=advice)


@dataclass(frozen=True)
class Patient:
    """The installation that is looked over. Nothing is created or changed by looking."""

    settings: Settings
    own: WorkbenchSettings

    def store(self, name: str) -> Store | None:
        """The database of this name, if it is ours and there is one yet."""
        found = next((store for store in stores_of(self.settings) if store.name == name), None)
        return None if found is None or (found.file is not None and not found.file.is_file()) else found

    @cached_property
    def engine(self) -> Engine:
        """Only for checks that are run once there is a database."""
        return make_engine(self.settings.database)


Check = Callable[[Patient], Iterator[Finding]]
