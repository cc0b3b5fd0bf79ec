"""Files that people send through their browsers: taken piece by piece, checked, and kept until they are imported."""

from __future__ import annotations

import re
from pathlib import Path

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
    """A file that is being sent: written piece by piece, then finished, or dropped, which leaves nothing of it."""

    def __init__(self, kept: KeptFiles, file: KeptFile, limit: int) -> None:
        self._kept = kept
        self._file = file
        self._limit = limit
        self._size = 0
        self._stream = file.path.open("xb")

    def write(self, piece: bytes) -> None:
        """Raises TooLargeError as soon as there is more than is taken, UserError where the disk takes no more."""
        self._size += len(piece)
        if self._size > self._limit:
            raise _too_large(self._file.name, self._limit)
        try:
            self._stream.write(piece)
        except OSError as error:
            raise UserError(f"{self._file.name}: cannot be kept: {error.strerror}") from error

    def finish(self) -> KeptFile:
        """Look at the whole file; raises UserError where it is not what its name says."""
        self._stream.close()
        check_genuine(self._file.path, self._file.name, largest=EXPANDS * self._limit)
        self._kept.note(self._file)
        return self._file

    def drop(self) -> None:
        """Leave nothing on disk."""
        self._stream.close()
        self._kept.forget(self._file.id)


class Uploads:
    """The folder of uploads. `limit` is how many bytes one may have."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.limit = limit
        self.kept = KeptFiles(folder)

    def begin(self, name: str, *, told: int | None) -> Incoming:
        """Take a file of which `told` bytes are announced, None where nothing is.

        Raises TooLargeError, and UserError for a name whose ending we cannot read.
        """
        shown = printable(name) or "file"
        ending = _ending(shown)
        if told is not None and told > self.limit:
            raise _too_large(shown, self.limit)
        return Incoming(self.kept, self.kept.new(shown, ending), self.limit)

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
