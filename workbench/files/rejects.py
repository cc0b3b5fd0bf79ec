"""The file of rejected rows: every row that was not taken, with the reason."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from workbench.files.rows import Row
from workbench.files.writing import table_writer

# More than this is not a file with faults but the wrong file; the count goes on, the rows are not kept.
MAX_KEPT = 100_000
BATCH = 5_000
_OURS = ("line", "reason")


class Rejects:
    """Rejected rows of one import, held until it ends."""

    def __init__(self) -> None:
        self.count = 0
        self._rows: list[tuple[Row, str]] = []

    def add(self, row: Row, reason: str) -> None:
        self.count += 1
        if self.count <= MAX_KEPT:
            self._rows.append((row, reason))

    @property
    def first_reason(self) -> str:
        """The reason of the topmost row."""
        if not self._rows:
            return ""
        row, reason = min(self._rows, key=lambda rejected: rejected[0].number)
        return f"line {row.number}: {reason}"

    def write(self, beside: Path, columns: tuple[str, ...], home: Path) -> Path | None:
        """Write FILE.rejected.csv beside the file, or into the home where that folder is read-only; by line.

        A column that is called as one of ours is kept as NAME_input.
        """
        if not self._rows:
            return None
        folder = beside.parent if os.access(beside.parent, os.W_OK) else home
        target = folder / f"{beside.name}.rejected.csv"
        names = {name: f"{name}_input" if name in _OURS else name for name in columns}
        if any("" in row.values for row, _ in self._rows):
            names[""] = ""
        lines = (
            dict(zip(_OURS, (row.number, reason), strict=True)) | {names[n]: row.values.get(n) for n in names}
            for row, reason in sorted(self._rows, key=lambda rejected: rejected[0].number)
        )
        with table_writer(target, (*_OURS, *names.values()), escape=True) as write:
            while batch := list(islice(lines, BATCH)):
                write(batch)
        return target
