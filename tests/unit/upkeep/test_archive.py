"""Backups as files: written, read back, and refused where somebody has changed them."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import UserError
from workbench.upkeep.archive import unpack, verify, writer_of
from workbench.upkeep.manifest import FORMAT, NAME, Manifest, parse_manifest

CONTENTS = {"databases/workbench.db": b"rows", "files/mlruns/artifacts/имя.json": b"{}", "files/data/empty": b""}


def manifest(**changes: object) -> Manifest:
    plain = Manifest(
        version="1",
        revision="0001",
        home="/home/ann",
        created_at="2026-01-02T03:04:05+00:00",
        databases={"workbench": "sqlite"},
        counts={"records": 3},
        champions={"shop": "2"},
        missing=("model 'a' version 1: gone",),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def write(folder: Path, name: str) -> Path:
    backup = folder / name
    with writer_of(backup, packed=name.endswith(".tar.gz")) as writer:
        entries = []
        for number, (path, content) in enumerate(CONTENTS.items()):
            source = folder / f"{name}-{number}"
            source.write_bytes(content)
            entries.append(writer.add(path, source))
        writer.finish(manifest(entries=tuple(entries)))
    return backup


@pytest.fixture(params=["b.tar.gz", "b"])
def backup(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write(tmp_path, request.param)


def packed(folder: Path, *members: tarfile.TarInfo, content: bytes = b"") -> Path:
    """A file like a backup, with a manifest of nothing and these members."""
    file = folder / "hostile.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
        said = tarfile.TarInfo(NAME)
        said.size = len(manifest().as_json())
        tar.addfile(said, io.BytesIO(manifest().as_json()))
    return file


def test_what_was_written_reads_back_with_its_manifest(backup: Path, tmp_path: Path) -> None:
    read = verify(backup)
    assert read.missing == manifest().missing
    assert {entry.path: entry.size for entry in read.entries} == {path: len(c) for path, c in CONTENTS.items()}
    assert unpack(backup, tmp_path / "there") == read
    assert {path: (tmp_path / "there" / path).read_bytes() for path in CONTENTS} == CONTENTS


def test_only_its_owner_may_read_a_backup_or_what_is_unpacked(backup: Path, tmp_path: Path) -> None:
    unpack(backup, tmp_path / "there")
    for top in (backup, tmp_path / "there"):
        for path in (top, *(path for path in top.rglob("*") if path.is_file())):
            assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path


def test_a_byte_that_changed_is_found(backup: Path) -> None:
    file = backup / "databases" / "workbench.db" if backup.is_dir() else backup
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(UserError, match=backup.name):
        verify(backup)


def test_a_backup_that_was_cut_short_is_no_backup(tmp_path: Path) -> None:
    whole = write(tmp_path, "b.tar.gz")
    for size in (0, 1, whole.stat().st_size // 2):
        cut = tmp_path / "cut.tar.gz"
        cut.write_bytes(whole.read_bytes()[:size])
        with pytest.raises(UserError, match="cut"):
            verify(cut)


def test_a_file_that_is_missing_or_was_added_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, "b")
    (folder / "files" / "data" / "empty").unlink()
    with pytest.raises(UserError, match="files/data/empty is missing"):
        verify(folder)
    (folder / "files" / "data" / "empty").touch()
    (folder / "files" / "data" / "more").touch()
    with pytest.raises(UserError, match="files/data/more was not written by the backup"):
        verify(folder)
    (folder / "files" / "data" / "more").unlink()
    (folder / NAME).unlink()
    with pytest.raises(UserError, match="not a backup"):
        verify(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "files/../../evil",
        "/etc/evil",
        "evil",
        "files",
        "databases/../evil",
        "files/data/..\\evil",
        "manifest.json/evil",
    ],
)
def test_a_file_that_would_lie_elsewhere_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    file = packed(tmp_path, tarfile.TarInfo(name), content=b"evil")
    with pytest.raises(UserError, match="has no place in a backup"):
        unpack(file, tmp_path / "there")
    assert not list(tmp_path.rglob("evil"))
    with pytest.raises(UserError):
        verify(file)


def _link(kind: bytes) -> Callable[[], tarfile.TarInfo]:
    def make() -> tarfile.TarInfo:
        member = tarfile.TarInfo("files/data/link")
        member.type, member.linkname = kind, "/etc/passwd"
        return member

    return make


@pytest.mark.parametrize(
    "make", [_link(kind) for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)]
)
def test_links_and_devices_are_refused(tmp_path: Path, make: Callable[[], tarfile.TarInfo]) -> None:
    file = packed(tmp_path, make())
    for read in (lambda: verify(file), lambda: unpack(file, tmp_path / "there")):
        with pytest.raises(UserError, match="link or a device"):
            read()


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "b")
    (folder / "files" / "data" / "link").symlink_to("/etc/passwd")
    with pytest.raises(UserError, match="link or a device"):
        unpack(folder, tmp_path / "there")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = [tarfile.TarInfo("files/data/a"), tarfile.TarInfo("files/data/a")]
    with pytest.raises(UserError, match="damaged or no backup"):
        unpack(packed(tmp_path, *twice), tmp_path / "there")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"nonsense",
        b"\xff",
        b"{}",
        json.dumps({"format": FORMAT}).encode(),
        json.dumps({"format": FORMAT + 1}).encode(),
        manifest().as_json().replace(b'"entries": []', b'"entries": [{"path": "../x", "size": 1, "sha256": ""}]'),
        manifest().as_json().replace(b'"entries": []', b'"entries": [{"path": "files/x"}]'),
    ],
)
def test_what_is_no_manifest_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(UserError):
        parse_manifest(content)


def test_a_file_that_grows_while_it_is_read_is_taken_as_long_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "log"
    source.write_bytes(b"one")
    with writer_of(tmp_path / "b", packed=False) as writer:
        entry = writer.add("files/data/log", source)
        with source.open("ab") as more:
            more.write(b"two")
        writer.finish(manifest(entries=(entry,)))
    assert verify(tmp_path / "b").entries == (entry,)


def test_a_backup_never_writes_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"somebody's")
    with pytest.raises(FileExistsError), writer_of(tmp_path / "b.tar.gz", packed=True):
        pass
    assert (tmp_path / "b.tar.gz").read_bytes() == b"somebody's"
