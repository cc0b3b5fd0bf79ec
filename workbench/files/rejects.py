"""The file of rejected rows: every row that was not taken, with the reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.files.rows import Row
from workbench.files.writing import table_writer

# More than this is not a file with faults but the wrong file; the count goes on, the rows are not kept.
MAX_KEPT = 100_000


class Rejects:
    """Rejected rows of one import, held until it ends."""

    def __init__(self) -> None:
        self.count = 0
        self.first_reason = ""
        self._rows: list[dict[str, Any]] = []

    def add(self, row: Row, reason: str) -> None:
        if not self.count:
            self.first_reason = f"line {row.number}: {reason}"
        self.count += 1
        if self.count <= MAX_KEPT:
            self._rows.append({"line": row.number, "reason": reason, **row.values})

    def add_earlier(self, values: Mapping[str, Any], reason: str) -> None:
        """A row that had been taken and was taken back; its line is no longer known."""
        self.count += 1
        self._rows.append({"line": None, "reason": reason, **values})

    def write(self, beside: Path, columns: tuple[str, ...], home: Path) -> Path | None:
        """Write FILE.rejected.csv beside the file, or into the home where that folder is read-only."""
        if not self._rows:
            return None
        folder = beside.parent if os.access(beside.parent, os.W_OK) else home
        target = folder / f"{beside.name}.rejected.csv"
        shown = ("line", "reason", *columns, *([""] if any("" in row for row in self._rows) else []))
        with table_writer(target, shown, escape=True) as write:
            write(self._rows)
        return target
