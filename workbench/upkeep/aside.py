"""What lies where a backup is to be put: finding it, moving it aside, and back again when the restore fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from workbench.upkeep.contents import PLACES, counts, has_anything
from workbench.upkeep.stores import MLFLOW, WORKBENCH, Store, connected, schemas_of

_TRACES = ("runs", "registered_models")


def what_is_there(home: Path, stores: list[Store]) -> str:
    """In words what a restore would replace; empty where the home is new, or was only opened."""
    for store in stores:
        if store.file is not None and not store.file.is_file():
            continue
        with connected(store) as connection:
            if store.name == WORKBENCH and inspect(connection).has_table("projects") and has_anything(connection):
                return f"a database of {counts(connection)['records']} records"
            if store.name == MLFLOW and _has_rows(connection, _TRACES):
                return "runs or models in MLflow's store"
    files = next((home / "mlruns").glob("artifacts/*"), None)
    return "" if files is None else f"models in {files.parent}"


def _has_rows(connection: Connection, tables: tuple[str, ...]) -> bool:
    known = inspect(connection)
    there = [table for table in tables if known.has_table(table)]
    return any(connection.scalar(text(f"SELECT 1 FROM {table} LIMIT 1")) for table in there)  # noqa: S608 (our names)


@contextmanager
def files_aside(home: Path, stores: list[Store], name: str) -> Iterator[None]:
    """Move what lies in the home, and databases outside of it, into or beside `name`; back again if the block fails.

    Raises OSError where a folder cannot be renamed, as with one that is a mount of its own.
    """
    moves = _moves(home, stores, name)
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            if source.exists():
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                source.rename(target)
                done.append((source, target))
    except OSError:
        _move_back(done, home / name)
        raise
    try:
        yield
    except BaseException:
        for source, _target in moves:
            # What the block has put there.
            _remove(source)
        _move_back(done, home / name)
        raise


def _moves(home: Path, stores: list[Store], name: str) -> list[tuple[Path, Path]]:
    moves = [(home / place, home / name / place) for place in PLACES]
    for store in stores:
        if store.file is not None and not any(store.file.is_relative_to(home / place) for place in PLACES):
            moves += [(_with(store.file, end), _with(store.file, f"-{name}{end}")) for end in ("", "-wal", "-shm")]
    return moves


def _move_back(done: list[tuple[Path, Path]], aside: Path) -> None:
    for source, target in reversed(done):
        target.rename(source)
    with suppress(FileNotFoundError):
        aside.rmdir()


def _with(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def schemas_aside(store: Store, name: str) -> Iterator[None]:
    """Rename a PostgreSQL store's schemas, so that a dump makes them anew; back again if the block fails.

    Raises UserError where the role may not rename them.
    """
    with connected(store) as connection:
        moved = schemas_of(connection)
        for schema in moved:
            connection.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{_renamed(schema, name)}"'))
        connection.commit()
    try:
        yield
    except BaseException:
        with connected(store) as connection:
            for schema in moved:
                connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))
                connection.execute(text(f'ALTER SCHEMA "{_renamed(schema, name)}" RENAME TO "{schema}"'))
            connection.commit()
        raise


def drop_schemas(store: Store, name: str) -> None:
    """Forget schemas that were moved aside and held nothing."""
    with connected(store) as connection:
        for schema in inspect(connection).get_schema_names():
            if schema.startswith(f"{name}-"):
                connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
        connection.commit()


def _renamed(schema: str, name: str) -> str:
    return f"{name}-{schema}"
