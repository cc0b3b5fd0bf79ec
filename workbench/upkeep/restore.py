"""Putting a backup in place: verified before anything is touched, wholly or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from db.audit import note_change
from db.engine import make_engine, writing
from db.errors import UserError
from db.migrate import newest_revision, upgrade
from db.settings import Settings
from db.tables import utcnow
from db.workers import count_alive
from training.registry_store import move_addresses, stored_versions
from workbench.processes.detached import read_state
from workbench.upkeep.archive import unpack
from workbench.upkeep.aside import drop_schemas, files_aside, schemas_aside, what_is_there
from workbench.upkeep.backup import check_sound
from workbench.upkeep.contents import PLACES, files_of, missing_bundles
from workbench.upkeep.manifest import DATABASES, FILES, Manifest
from workbench.upkeep.postgres import load
from workbench.upkeep.stores import MLFLOW, POSTGRESQL, SQLITE, WORKBENCH, Report, Store, connected, stores_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`aside` is where what was there before lies now, None where there was nothing."""

    manifest: Manifest
    home: Path
    aside: str | None
    warnings: tuple[str, ...]


def restore(settings: Settings, source: Path, *, force: bool, report: Report) -> Restored:
    """Put the backup at `source` into the home and databases of `settings`, and migrate it to this release.

    Raises UserError where the backup is damaged or does not fit, a workbench runs here, or, without `force`, where
    there is something already; with `force` that is moved aside. Nothing has changed then.
    """
    if not source.exists():
        raise UserError(f"{source}: no such backup")
    stores = stores_of(settings)
    _refuse_running(settings, stores)
    there = what_is_there(settings.home, stores)
    if there and not force:
        raise UserError(
            f"{settings.home} holds {there}: restore into a new WORKBENCH_HOME, or add --force to move it aside"
        )
    name = f"before-restore-{utcnow():%Y%m%d-%H%M%S}"
    with _staging(settings.home) as staging:
        report(0, 3, "reading and verifying the backup")
        manifest = unpack(source, staging)
        _check_fits(manifest, stores)
        report(1, 3, "checking its databases")
        _prepare(staging, manifest, settings.home)
        report(2, 3, "putting it in place")
        try:
            _put_in_place(settings, stores, staging, manifest, name, source)
        except OSError as error:
            raise UserError(f"{settings.home}: the backup cannot be put in place: {error}; nothing changed") from error
    if not there:
        _forget(settings.home, stores, name)
    report(3, 3, "done")
    return Restored(
        manifest=manifest,
        home=settings.home,
        aside=name if there else None,
        warnings=tuple(_without_bundle(settings, stores)),
    )


def _refuse_running(settings: Settings, stores: list[Store]) -> None:
    running = read_state(settings.data) is not None
    own = next(store for store in stores if store.name == WORKBENCH)
    if not running and (own.file is None or own.file.is_file()):
        with connected(own) as connection:
            running = inspect(connection).has_table("workers") and count_alive(Session(connection)) > 0
    if running:
        raise UserError(f"a workbench of {settings.home} is running: stop it first (workbench stop)")


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """A new folder in the home, so that what is in it can be put in place by renaming."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restore-", dir=home) as folder:
            yield Path(folder, "backup")
    except OSError as error:
        raise UserError(f"{home}: cannot be written: {error}") from error


def _check_fits(manifest: Manifest, stores: list[Store]) -> None:
    if manifest.revision > newest_revision():
        raise UserError(
            f"the backup is of version {manifest.version} (database {manifest.revision}), which this release is older "
            "than: install that version or a later one"
        )
    ours = {store.name: store.kind for store in stores}
    for name, kind in manifest.databases.items():
        if ours.get(name, kind) != kind or (name == MLFLOW and name not in ours):
            setting = "WORKBENCH_MLFLOW_URI" if name == MLFLOW else "WORKBENCH_DATABASE_URL"
            raise UserError(f"the backup holds {name} as {kind}; set {setting} to one of that kind")


def _prepare(staging: Path, manifest: Manifest, home: Path) -> None:
    """Find faults in the copies, and point models to the home that they will lie in."""
    for name, kind in manifest.databases.items():
        if kind == SQLITE:
            file = staging / DATABASES / f"{name}.db"
            check_sound(file)
            if name == MLFLOW:
                _point(Store(name=name, url=make_url(f"sqlite:///{file}")), manifest, home)


def _point(store: Store, manifest: Manifest, home: Path) -> None:
    with connected(store) as connection:
        if store.kind == SQLITE:
            connection.exec_driver_sql("BEGIN")
        try:
            move_addresses(connection, Path(manifest.home), home)
        except DataError as error:
            raise UserError(f"{home}: too long a name for MLflow's tables; choose a shorter WORKBENCH_HOME") from error
        if store.kind == SQLITE:
            connection.exec_driver_sql("COMMIT")
        else:
            connection.commit()


def _put_in_place(
    settings: Settings, stores: list[Store], staging: Path, manifest: Manifest, name: str, source: Path
) -> None:
    with ExitStack() as undo:
        undo.enter_context(files_aside(settings.home, stores, name))
        for place in PLACES:
            if (staging / FILES / place).exists():
                (staging / FILES / place).rename(settings.home / place)
            (settings.home / place).mkdir(exist_ok=True)
            (settings.home / place).chmod(0o700)
        for store in stores:
            if store.name in manifest.databases:
                _put_store(store, staging / DATABASES / store.copy_name, manifest, settings.home, name, undo)
        _bring_up_to_date(settings, manifest, source)


def _put_store(store: Store, copy: Path, manifest: Manifest, home: Path, name: str, undo: ExitStack) -> None:
    if store.file is not None:
        store.file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(copy, store.file)
        return
    undo.enter_context(schemas_aside(store, name))
    load(store.url, copy)
    if store.name == MLFLOW:
        _point(store, manifest, home)


def _bring_up_to_date(settings: Settings, manifest: Manifest, source: Path) -> None:
    engine = make_engine(settings.database)
    try:
        upgrade(engine)
        with writing(engine) as session:
            # What the audit log says from here on is of another home than what it says before.
            new = {"home": str(settings.home), "made": manifest.created_at}
            note_change(session, "backup.restore", subject=source.name, old={"home": manifest.home}, new=new)
    finally:
        engine.dispose()


def _forget(home: Path, stores: list[Store], name: str) -> None:
    """What was moved aside held nothing."""
    shutil.rmtree(home / name, ignore_errors=True)
    for store in stores:
        if store.kind == POSTGRESQL:
            drop_schemas(store, name)


def _without_bundle(settings: Settings, stores: list[Store]) -> list[str]:
    registry = next((s for s in stores if s.name == MLFLOW and (s.file is None or s.file.is_file())), None)
    if registry is None:
        return []
    with connected(registry) as connection:
        versions = stored_versions(connection)
    return missing_bundles(versions, settings.home, [name for name, _ in files_of(settings.home, [])])
