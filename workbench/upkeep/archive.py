"""A backup as one packed file or as a folder: writing it, reading it back, unpacking it without trusting it."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from db.errors import UserError
from workbench.upkeep.manifest import NAME, Entry, Manifest, check_path, compare, parse_manifest

PACKED = (".tar.gz", ".tgz")
_PIECE = 2**20
# A level that halves the time of the default one and packs databases nearly as well.
_LEVEL = 4


class Writer(Protocol):
    def add(self, path: str, source: Path) -> Entry:
        """Take a file along under `path`, as long as it was when it was opened; raises OSError where it shrinks."""
        ...

    def finish(self, manifest: Manifest) -> None: ...


@contextmanager
def writer_of(partial: Path, *, packed: bool) -> Iterator[Writer]:
    """A writer of `partial`, which only its owner may read, because a backup holds everything."""
    if not packed:
        partial.mkdir(mode=0o700)
        yield FolderWriter(partial)
        return
    with _private(partial) as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=_LEVEL) as tar:
            yield TarWriter(tar)
        stream.flush()
        os.fsync(stream.fileno())


class FolderWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, path: str, source: Path) -> Entry:
        target = self._folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with source.open("rb") as stream, _private(target) as out:
            reader = _Hashing(stream, os.fstat(stream.fileno()).st_size)
            while piece := reader.read(_PIECE):
                out.write(piece)
        return reader.entry(path)

    def finish(self, manifest: Manifest) -> None:
        with _private(self._folder / NAME) as out:
            out.write(manifest.as_json())


class TarWriter:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, path: str, source: Path) -> Entry:
        with source.open("rb") as stream:
            status = os.fstat(stream.fileno())
            reader = _Hashing(stream, status.st_size)
            self._tar.addfile(_member(path, status.st_size, status.st_mtime), reader)
        return reader.entry(path)

    def finish(self, manifest: Manifest) -> None:
        content = manifest.as_json()
        self._tar.addfile(_member(NAME, len(content), 0), io.BytesIO(content))


def verify(backup: Path) -> Manifest:
    """Read a whole backup and compare every file with its manifest; raises UserError where it is not as written."""
    with _named(backup):
        return _verified(backup)


def unpack(backup: Path, folder: Path) -> Manifest:
    """Write a backup's files into the new folder `folder` and verify what was written; raises UserError."""
    folder.mkdir(mode=0o700)
    with _named(backup):
        for path, stream, _size in _files(backup):
            target = folder / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _private(target) as out:
                shutil.copyfileobj(stream, out, _PIECE)
        return _verified(folder)


def is_packed(name: str) -> bool:
    return name.endswith(PACKED)


def _verified(backup: Path) -> Manifest:
    found: dict[str, Entry] = {}
    manifest = b""
    for path, stream, size in _files(backup):
        if path == NAME:
            manifest = stream.read()
        else:
            found[path] = _drained(_Hashing(stream, size), path)
    if not manifest:
        raise UserError(f"no {NAME} in it; it is not a backup, or one that was not finished")
    parsed = parse_manifest(manifest)
    compare(parsed, found)
    return parsed


def _files(backup: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """Every file's path, content and size. Raises UserError for a path or a thing that has no place in a backup."""
    if backup.is_dir():
        yield from _files_of_folder(backup)
        return
    with tarfile.open(backup, mode="r|*") as tar:
        for member in tar:
            if member.isdir():
                continue
            check_path(member.name)
            if not member.isfile():
                raise UserError(f"{member.name!r} is a link or a device; a backup holds plain files")
            # Only read: where it is written, and with which rights, is ours to say.
            stream = tar.extractfile(member)
            assert stream is not None
            yield member.name, stream, member.size


def _files_of_folder(folder: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UserError(f"{name!r} is a link or a device; a backup holds plain files")
        if path.is_file():
            check_path(name)
            with path.open("rb") as stream:
                yield name, stream, os.fstat(stream.fileno()).st_size


@contextmanager
def _named(backup: Path) -> Iterator[None]:
    """Says of which backup a fault is."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{backup}: {error}") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UserError(f"{backup}: it cannot be read to its end; it is damaged or no backup ({error})") from error


class _Hashing:
    """A stream that ends after `size` bytes and knows the hash of what was read from it."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._left = size
        self._size = size
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(self._left if size < 0 else min(size, self._left))
        if self._left and not piece:
            raise OSError(f"it became {self._left} bytes shorter while it was read")
        self._left -= len(piece)
        self._hash.update(piece)
        return piece

    def entry(self, path: str) -> Entry:
        return Entry(path=path, size=self._size, sha256=self._hash.hexdigest())


def _drained(reader: _Hashing, path: str) -> Entry:
    while reader.read(_PIECE):
        pass
    return reader.entry(path)


def _member(path: str, size: int, modified: float) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.size, member.mtime, member.mode = size, int(modified), 0o600
    return member


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
