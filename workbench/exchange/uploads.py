"""Files that people send through their browsers: kept under random names until they are imported, or for a day."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from db.errors import NotFoundError, UserError
from workbench.exchange.genuine import check_genuine
from workbench.files.reading import FORMATS, file_format

MAX_AGE_S = 24 * 3600
# How many times its size a packed file may unpack to.
EXPANDS = 10
_MAX_NAME = 255
_ID = re.compile(r"[0-9a-f]{32}")


class TooLargeError(UserError):
    """More was sent than is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent whole. `name` is what its sender calls it: data, never a part of a path."""

    id: str
    name: str
    path: Path
    size: int

    @property
    def rejected(self) -> Path:
        """Where an import leaves the rows it could not take."""
        return self.path.with_name(f"{self.path.name}.rejected.csv")


class Incoming:
    """A file that is being sent, piece by piece."""

    def __init__(self, stream: BinaryIO, name: str, limit: int) -> None:
        self._stream = stream
        self._name = name
        self._limit = limit
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Raises TooLargeError as soon as there is more than is taken, UserError where the disk takes no more."""
        self.size += len(piece)
        if self.size > self._limit:
            raise _too_large(self._name, self._limit)
        try:
            self._stream.write(piece)
        except OSError as error:
            raise UserError(f"{self._name}: cannot be kept: {error.strerror}") from error


class Uploads:
    """The folder of uploads. `limit` is how many bytes one may have."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.folder = folder
        self.limit = limit

    @contextmanager
    def receive(self, name: str, *, told: int | None) -> Iterator[tuple[Incoming, Upload]]:
        """Take a file of which `told` bytes are announced; when the block ends well it is checked and there.

        Leaves nothing on disk otherwise. Raises TooLargeError, or UserError for a file that is not what its name says.
        """
        shown = printable(name)
        ending = _ending(shown)
        if told is not None and told > self.limit:
            raise _too_large(shown, self.limit)
        self.clean()
        self.folder.mkdir(parents=True, exist_ok=True)
        upload_id = uuid4().hex
        path = self.folder / f"{upload_id}{ending}"
        try:
            with path.open("xb") as stream:
                incoming = Incoming(stream, shown, self.limit)
                yield incoming, Upload(id=upload_id, name=shown, path=path, size=0)
            check_genuine(path, shown, largest=EXPANDS * self.limit)
            self._sidecar(upload_id).write_text(json.dumps({"name": shown, "path": path.name}), encoding="utf-8")
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def get(self, upload_id: str) -> Upload:
        """Raises NotFoundError for one that was never sent, or was cleaned away."""
        if _ID.fullmatch(upload_id):
            try:
                kept = json.loads(self._sidecar(upload_id).read_text(encoding="utf-8"))
                path = self.folder / kept["path"]
                return Upload(id=upload_id, name=kept["name"], path=path, size=path.stat().st_size)
            except FileNotFoundError:
                pass
        raise NotFoundError("this file is no longer kept here; choose it again")

    def forget(self, upload_id: str) -> None:
        """Remove a file and what belongs to it; nothing happens where there is none."""
        if _ID.fullmatch(upload_id):
            for path in self.folder.glob(f"{upload_id}.*"):
                path.unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what is older than a day: forgotten, or left by a process that was killed."""
        oldest = time.time() - MAX_AGE_S
        for path in self.folder.glob("*"):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _sidecar(self, upload_id: str) -> Path:
        return self.folder / f"{upload_id}.json"


def printable(name: str) -> str:
    """A file's name on one line, without the folders it came from, and not too long; its ending is kept."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter if letter.isprintable() else "�" for letter in last).strip()
    return clean if len(clean) <= _MAX_NAME else f"{clean[:120]}…{clean[-120:]}"


def _ending(name: str) -> str:
    """The known ending of a name, spelled by us."""
    file_format(Path(name))
    lower = name.lower()
    packed = ".gz" if lower.endswith(".gz") else ""
    kind = Path(lower.removesuffix(".gz")).suffix
    assert kind in FORMATS
    return kind + packed


def _too_large(name: str, limit: int) -> TooLargeError:
    return TooLargeError(
        f"{name}: more than {limit // 2**20} MB; split it, or raise WORKBENCH_UPLOAD_LIMIT_MB, "
        "or use: workbench import FILE"
    )
