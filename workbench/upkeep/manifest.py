"""What a backup holds, and how one can tell that it still does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath

from db.errors import UserError

FORMAT = 1
NAME = "manifest.json"
DATABASES, FILES = "databases", "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of a backup: its path within, its size in bytes, its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`home` is where the home lay, because models are addressed by it; `databases` tells the kind of each.

    `counts` are rows of the database, `champions` the version in force by project, `missing` models that the backup
    could not take along because their files were gone or lie elsewhere.
    """

    version: str
    revision: str
    home: str
    created_at: str
    databases: Mapping[str, str]
    counts: Mapping[str, int]
    champions: Mapping[str, str]
    missing: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    format: int = field(default=FORMAT)

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def parse_manifest(content: bytes) -> Manifest:
    """Raises UserError where it is none, or one of a later release."""
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            raise UserError(f"{NAME}: format {raw['format']!r}; this version reads {FORMAT}")
        entries = tuple(Entry(**entry) for entry in raw.pop("entries"))
        manifest = Manifest(**raw | {"missing": tuple(raw["missing"]), "entries": entries})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{NAME}: not a manifest of a backup ({type(error).__name__}: {error})") from error
    for entry in manifest.entries:
        check_path(entry.path)
    return manifest


def check_path(path: str) -> None:
    """Raises UserError where a backup's file would lie anywhere else than a backup's files do."""
    parts = PurePosixPath(path).parts
    plain = bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and "\0" not in path
    if not plain or not (path == NAME or (parts[0] in (DATABASES, FILES) and len(parts) > 1)):
        raise UserError(f"{path!r} has no place in a backup")


def compare(manifest: Manifest, found: Mapping[str, Entry]) -> None:
    """Raises UserError for the first file that is missing, changed, or not the manifest's."""
    for entry in manifest.entries:
        there = found.get(entry.path)
        if there is None:
            raise UserError(f"{entry.path} is missing")
        if there != entry:
            raise UserError(f"{entry.path} has changed since it was written")
    for path in found.keys() - {entry.path for entry in manifest.entries} - {NAME}:
        raise UserError(f"{path} was not written by the backup")
