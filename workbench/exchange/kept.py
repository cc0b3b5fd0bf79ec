"""Files that are kept for a day under random names of ours; what people call them is data beside them."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from db.errors import NotFoundError

MAX_AGE_S = 24 * 3600
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """`name` is what people call it, never a part of a path. The file itself may be gone by now."""

    id: str
    name: str
    path: Path


class KeptFiles:
    """One folder of such files, each with a note beside it once it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self, name: str, ending: str) -> KeptFile:
        """A place for a file that is about to be written; cleans away old ones first."""
        self.clean()
        self.folder.mkdir(parents=True, exist_ok=True)
        file_id = uuid4().hex
        return KeptFile(id=file_id, name=name, path=self.folder / f"{file_id}{ending}")

    def note(self, file: KeptFile) -> None:
        """From now on it can be found by its id."""
        self._note_of(file.id).write_text(json.dumps({"name": file.name, "path": file.path.name}), encoding="utf-8")

    def get(self, file_id: str) -> KeptFile:
        """Raises NotFoundError for one that was never noted, or was cleaned away."""
        try:
            kept = json.loads(self._note_of(file_id).read_text(encoding="utf-8")) if _ID.fullmatch(file_id) else None
        except FileNotFoundError:
            kept = None
        if kept is None:
            raise NotFoundError("this file is no longer kept here; send it again")
        return KeptFile(id=file_id, name=kept["name"], path=self.folder / kept["path"])

    def forget(self, file_id: str) -> None:
        """Remove a file and what belongs to it; nothing happens where there is none."""
        if _ID.fullmatch(file_id):
            for path in self.folder.glob(f"{file_id}.*"):
                path.unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what is older than a day: forgotten, or left by a process that was killed."""
        oldest = time.time() - MAX_AGE_S
        for path in self.folder.glob("*"):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _note_of(self, file_id: str) -> Path:
        return self.folder / f"{file_id}.note"
