"""A backup of everything that cannot be made again, taken while people work."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from db.errors import UserError
from db.migrate import stored_revision
from db.settings import Settings
from db.tables import utcnow
from training.mlflow_address import is_served, shown
from training.registry_store import StoredVersion, stored_versions
from workbench.upkeep import archive
from workbench.upkeep.contents import PLACES, champions, counts, files_of, missing_bundles
from workbench.upkeep.manifest import DATABASES, FILES, Entry, Manifest
from workbench.upkeep.stores import MLFLOW, SQLITE, WORKBENCH, Report, Store, connected, frozen, stores_of

# Whoever writes such an ending expects a file, and a folder of that name would surprise them.
_OTHER_ARCHIVES = (".tar", ".gz", ".zip", ".bz2", ".xz", ".zst", ".7z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written and read back; `warnings` are lines for a person."""

    path: Path
    manifest: Manifest
    warnings: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of what it holds, before packing."""
        return sum(entry.size for entry in self.manifest.entries)


def back_up(settings: Settings, out: Path, report: Report) -> Backup:
    """Write a backup to `out`, a .tar.gz file or a new folder.

    Databases come first, as they are at one moment; then files, which are written before a database speaks of them and
    are not changed after. So what the copies refer to is there, whatever people and trainings do meanwhile.

    Raises UserError where there is nothing to back up, `out` cannot be written, or what was written does not read back.
    """
    stores = _present(stores_of(settings))
    partial = _partial(settings, out)
    try:
        manifest = _write(settings, stores, partial, packed=archive.is_packed(out.name), report=report)
        report(0, 1, "reading it back")
        if archive.verify(partial) != manifest:
            raise UserError(f"{out}: its manifest is not what was written")
        partial.rename(out)
    except OSError as error:
        raise UserError(f"{out}: the backup failed: {error}") from error
    finally:
        _remove(partial)
    return Backup(path=out, manifest=manifest, warnings=(*manifest.missing, *_not_ours(settings)))


def _present(stores: list[Store]) -> list[Store]:
    found = [store for store in stores if store.file is None or store.file.is_file()]
    if not any(store.name == WORKBENCH for store in found):
        raise UserError(f"nothing to back up: there is no database at {stores[0].file} (WORKBENCH_HOME)")
    return found


def _partial(settings: Settings, out: Path) -> Path:
    if out.exists():
        raise UserError(f"{out}: it exists; a backup replaces nothing")
    if out.suffix.lower() in _OTHER_ARCHIVES and not archive.is_packed(out.name):
        raise UserError(f"{out}: a backup is a .tar.gz file, or a folder when the name has no such ending")
    if not out.absolute().parent.is_dir():
        raise UserError(f"{out}: there is no folder {out.absolute().parent}")
    for place in PLACES:
        if out.resolve().is_relative_to(settings.home / place):
            raise UserError(f"{out}: it would lie in what is backed up; choose a place outside of {place}/")
    partial = out.with_name(f"{out.name}.partial")
    _remove(partial)
    return partial


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial)
    else:
        partial.unlink(missing_ok=True)


def _write(settings: Settings, stores: list[Store], partial: Path, *, packed: bool, report: Report) -> Manifest:
    with (
        TemporaryDirectory(prefix=".backup-", dir=partial.absolute().parent) as staging,
        archive.writer_of(partial, packed=packed) as writer,
    ):
        known = _copy_databases(stores, Path(staging), report)
        entries = [writer.add(f"{DATABASES}/{s.copy_name}", Path(staging, s.copy_name)) for s in stores]
        entries += _add_files(settings.home, stores, writer, report)
        manifest = Manifest(
            version=installed_version("feedback-workbench"),
            revision=known.revision,
            home=str(settings.home),
            created_at=utcnow().isoformat(timespec="seconds"),
            databases={store.name: store.kind for store in stores},
            counts=known.counts,
            champions=known.champions,
            missing=tuple(_missing(settings.home, known.versions, entries)),
            entries=tuple(entries),
        )
        writer.finish(manifest)
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    revision: str
    counts: Mapping[str, int]
    champions: Mapping[str, str]
    versions: list[StoredVersion]


def _copy_databases(stores: list[Store], staging: Path, report: Report) -> _Known:
    """Copy every database, MLflow's first, because its writers have to wait for it; they read back as sound."""
    with frozen(stores) as views:
        known = _known(views[WORKBENCH].connection, views[MLFLOW].connection if MLFLOW in views else None)
        for view in sorted(views.values(), key=lambda view: view.store.name != MLFLOW):
            view.write(staging / view.store.copy_name, report)
            # Let go of each as soon as it is copied.
            view.connection.close()
    for store in stores:
        if store.kind == SQLITE:
            check_sound(staging / store.copy_name)
    return known


def _known(own: Connection, registry: Connection | None) -> _Known:
    revision = stored_revision(own)
    if revision is None:
        raise UserError("nothing to back up: the database has no tables yet")
    return _Known(
        revision=revision,
        counts=counts(own),
        champions=champions(own),
        versions=[] if registry is None else stored_versions(registry),
    )


def check_sound(file: Path) -> None:
    """Raises UserError where SQLite finds a fault in `file`."""
    with connected(Store(name=file.name, url=make_url(f"sqlite:///{file}"))) as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    if said != "ok":
        raise UserError(f"{file.name}: SQLite finds it damaged: {said}; workbench doctor says more")


def _add_files(home: Path, stores: list[Store], writer: archive.Writer, report: Report) -> list[Entry]:
    files = list(files_of(home, [store.file for store in stores if store.file is not None]))
    entries = []
    for done, (name, path) in enumerate(files):
        report(done, len(files), "files")
        try:
            entries.append(writer.add(f"{FILES}/{name}", path))
        except FileNotFoundError:
            # Deleted since it was listed. If a model needed it, the comparison with the registry tells.
            continue
    return entries


def _missing(home: Path, versions: list[StoredVersion], entries: list[Entry]) -> list[str]:
    return missing_bundles(versions, home, [entry.path.removeprefix(f"{FILES}/") for entry in entries])


def _not_ours(settings: Settings) -> list[str]:
    if not is_served(settings.mlflow):
        return []
    return [f"models and runs are kept by the MLflow server at {shown(settings.mlflow)}: back them up there"]
