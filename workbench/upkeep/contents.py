"""What a database and a home hold: counts, champions, and the files that belong to a backup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Table, func, inspect, select

from db.tables import (
    AnnotationRow,
    Base,
    ProjectRow,
    PromotionRow,
    ProposalRow,
    RecordRow,
    UserRow,
    WorkerRow,
    table_of,
)
from training.registry_store import StoredVersion

PLACES = ("data", "mlruns")
_COUNTED = {
    "projects": ProjectRow,
    "records": RecordRow,
    "proposals": ProposalRow,
    "annotations": AnnotationRow,
    "promotions": PromotionRow,
    "users": UserRow,
}
# Made again by themselves, or of the moment: vectors are computed from texts, logs tell of processes that are gone.
_LEFT_OUT = ("data/embeddings", "data/logs", "data/up.json")
_LEFT_OUT_ENDINGS = (".partial", ".pid", "-wal", "-shm", "-journal")
_BUNDLE = "artifacts/*/manifest.json"


def counts(connection: Connection) -> dict[str, int]:
    """Rows by table, those of imports that have not ended included; 0 where an earlier release had no such table."""
    known = set(inspect(connection).get_table_names())
    tables = {name: table_of(row) for name, row in _COUNTED.items()}
    return {name: _rows(connection, table) if table.name in known else 0 for name, table in tables.items()}


def _rows(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def has_anything(connection: Connection) -> bool:
    """Whether any table of ours holds a row; that a worker looked in does not count."""
    tables = [table for table in Base.metadata.sorted_tables if table is not table_of(WorkerRow)]
    known = set(inspect(connection).get_table_names())
    return any(connection.scalar(select(1).select_from(t).limit(1)) for t in tables if t.name in known)


def champions(connection: Connection) -> dict[str, str]:
    """The version in force by project, as the latest promotion says."""
    promotions, projects = table_of(PromotionRow), table_of(ProjectRow)
    query = (
        select(projects.c.name, promotions.c.version)
        .join(promotions, promotions.c.project_id == projects.c.id)
        .order_by(promotions.c.id)
    )
    # A later one takes the place of an earlier one.
    return {row.name: row.version for row in connection.execute(query)}


def files_of(home: Path, databases: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The plain files of a home that belong to a backup, as (path within the home, place); databases are not."""
    besides = set(databases)
    for place in PLACES:
        for path in sorted((home / place).rglob("*")):
            name = path.relative_to(home).as_posix()
            if path not in besides and not _is_left_out(name) and path.is_file() and not path.is_symlink():
                yield name, path


def _is_left_out(name: str) -> bool:
    within = any(name == place or name.startswith(f"{place}/") for place in _LEFT_OUT)
    return within or name.endswith(_LEFT_OUT_ENDINGS) or PurePosixPath(name).name == ".gitkeep"


def missing_bundles(versions: Iterable[StoredVersion], home: Path, files: Iterable[str]) -> list[str]:
    """In words, the registered versions whose bundle is not among `files` (paths within the home)."""
    known = {PurePosixPath(name) for name in files}
    parents = {path.parent.parent.parent for path in known if path.match(_BUNDLE)}
    return [line for version in versions if (line := _missing(version, home, parents))]


def _missing(version: StoredVersion, home: Path, bundles: set[PurePosixPath]) -> str:
    what = f"model {version.name!r} version {version.version}{' (champion)' if version.champion else ''}"
    if version.folder is None or not version.folder.is_relative_to(home):
        return f"{what}: its files do not lie in the home"
    within = PurePosixPath(version.folder.relative_to(home).as_posix())
    return "" if within in bundles else f"{what}: its bundle is gone from {version.folder}"
