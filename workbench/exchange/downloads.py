"""Exports that people fetch by browser: written whole first, so that a fault is said and no half is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from db.errors import UserError
from workbench.exchange.exporting import Format, What, export_file
from workbench.exchange.kept import KeptFile, KeptFiles

_ENDINGS = {
    Format.CSV: ".csv",
    Format.JSONL: ".jsonl",
    Format.PARQUET: ".parquet",
    Format.LABEL_STUDIO: ".json",
    Format.ARGILLA: ".json",
    Format.DOCCANO: ".jsonl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that is ready to be fetched, with its rows and its bytes."""

    file: KeptFile
    rows: int
    size: int


class Downloads:
    """The folder of exports that wait to be fetched; `snapshots` is that of the snapshots' files."""

    def __init__(self, folder: Path, *, snapshots: Path) -> None:
        self.kept = KeptFiles(folder)
        self._snapshots = snapshots

    def make(self, engine: Engine, project: str, *, what: What, format: Format) -> Download:
        """Raises UserError for no project, no snapshot, nothing to export, or a format that cannot hold it."""
        ending = _ENDINGS[format]
        tool = f"-{format.value}" if format.value not in ("csv", "jsonl", "parquet") else ""
        file = self.kept.new(f"{project}-{what.value}{tool}{ending}", ending)
        try:
            rows = export_file(engine, project, what=what, format=format, target=file.path, snapshots=self._snapshots)
            if not rows:
                raise UserError(f"project {project!r} has no {what.value} yet; there is nothing to export")
            self.kept.note(file)
        except BaseException:
            file.path.unlink(missing_ok=True)
            raise
        return Download(file=file, rows=rows, size=file.path.stat().st_size)
