"""Files that people send through their browsers: taken piece by piece, checked, and kept until they are imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from db.errors import NotFoundError, UserError
from workbench.exchange.genuine import check_genuine
from workbench.exchange.kept import KeptFile, KeptFiles
from workbench.files.reading import file_format

# How many times the limit a packed file may unpack to.
EXPANDS = 10
_MAX_NAME = 255


class TooLargeError(UserError):
    """More was sent than is taken."""


class Incoming:
    """A file that is being sent."""

    def __init__(self, stream: BinaryIO, file: KeptFile, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.file = file
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Raises TooLargeError as soon as there is more than is taken, UserError where the disk takes no more."""
        self.size += len(piece)
        if self.size > self._limit:
            raise _too_large(self.file.name, self._limit)
        try:
            self._stream.write(piece)
        except OSError as error:
            raise UserError(f"{self.file.name}: cannot be kept: {error.strerror}") from error


class Uploads:
    """The folder of uploads. `limit` is how many bytes one may have."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.limit = limit
        self.kept = KeptFiles(folder)

    @contextmanager
    def receive(self, name: str, *, told: int | None) -> Iterator[Incoming]:
        """Take a file of which `told` bytes are announced. When the block ends it is looked at, and there.

        Leaves nothing on disk otherwise. Raises TooLargeError, and UserError for a file that is not what its name says.
        """
        shown = printable(name)
        ending = _ending(shown)
        if told is not None and told > self.limit:
            raise _too_large(shown, self.limit)
        file = self.kept.new(shown, ending)
        try:
            with file.path.open("xb") as stream:
                yield Incoming(stream, file, self.limit)
            check_genuine(file.path, shown, largest=EXPANDS * self.limit)
            self.kept.note(file)
        except BaseException:
            file.path.unlink(missing_ok=True)
            raise

    def get(self, upload_id: str) -> KeptFile:
        """A file that still waits to be imported; raises NotFoundError for any other."""
        file = self.kept.get(upload_id)
        if not file.path.is_file():
            raise NotFoundError(f"{file.name}: it was imported already; choose it again to import it once more")
        return file

    def rejected(self, upload_id: str) -> KeptFile:
        """The rows that an import of it could not take; raises NotFoundError where there are none."""
        file = self.kept.get(upload_id)
        path = file.path.with_name(f"{file.path.name}.rejected.csv")
        if not path.is_file():
            raise NotFoundError(f"{file.name}: no rejected rows are kept of it")
        return KeptFile(id=upload_id, name=f"{file.name}.rejected.csv", path=path)


def printable(name: str) -> str:
    """A file's name on one line, without the folders it came from, and not too long; its ending is kept."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter if letter.isprintable() else "�" for letter in last).strip()
    return clean if len(clean) <= _MAX_NAME else f"{clean[:120]}…{clean[-120:]}"


def _ending(name: str) -> str:
    """The known ending of a name, in small letters; raises UserError for one we cannot read."""
    file_format(Path(name))
    lower = name.lower()
    packed = ".gz" if lower.endswith(".gz") else ""
    return Path(lower.removesuffix(".gz")).suffix + packed


def _too_large(name: str, limit: int) -> TooLargeError:
    return TooLargeError(
        f"{name}: more than {limit // 2**20} MB; split it, raise WORKBENCH_UPLOAD_LIMIT_MB, "
        "or use the command: workbench import FILE"
    )
