"""The registry's own tables, for what its client cannot do: say where every version's files lie, move them all.

Plain SQL over a connection, and no MLflow, so that a copy of a store can be asked, whatever made it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, inspect, text

from training.registry import CHAMPION

# Every column in which MLflow keeps the place of a file. Some hold it as it is, some within JSON.
_PLAIN = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("trace_tags", "value"),
    ("workspaces", "default_artifact_root"),
    ("workspaces", "trace_archival_location"),
)
_JSON = (("datasets", "dataset_source"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """One registered version; `folder` is None where its files do not lie on this machine."""

    name: str
    version: str
    folder: Path | None
    champion: bool


def stored_versions(connection: Connection) -> list[StoredVersion]:
    """The versions that were not deleted, by name and number; none where the store has no registry yet."""
    if not inspect(connection).has_table("model_versions"):
        return []
    rows = connection.execute(
        text(
            "SELECT v.name, v.version, coalesce(v.storage_location, v.source), a.alias FROM model_versions v "
            "LEFT JOIN registered_model_aliases a ON a.name = v.name AND a.version = v.version "
            "AND a.workspace = v.workspace AND a.alias = :champion "
            "WHERE v.current_stage != 'Deleted_Internal' ORDER BY v.name, v.version"
        ),
        {"champion": CHAMPION},
    )
    return [
        StoredVersion(name=name, version=str(version), folder=_folder(address or ""), champion=alias is not None)
        for name, version, address, alias in rows
    ]


def move_addresses(connection: Connection, old: Path, new: Path) -> int:
    """Rewrite every address below the folder `old` to lie below `new`; returns how many. Commits nothing."""
    known = inspect(connection)
    moved = 0
    for table, column in _PLAIN + _JSON:
        if known.has_table(table) and column in {c["name"] for c in known.get_columns(table)}:
            forms = _in_json(old, new) if (table, column) in _JSON else _as_it_is(old, new)
            moved += sum(_rewrite(connection, table, column, before, after) for before, after in forms)
    return moved


def _rewrite(connection: Connection, table: str, column: str, before: str, after: str) -> int:
    # The names are ours; the folders, which are not, are bound.
    if (table, column) in _JSON:
        change = f"UPDATE {table} SET {column} = replace({column}, :before, :after) WHERE {_holds(connection, column)}"  # noqa: S608
    else:
        change = (
            f"UPDATE {table} SET {column} = :after || substr({column}, length(:before) + 1) "  # noqa: S608
            f"WHERE substr({column}, 1, length(:before)) = :before"
        )
    return connection.execute(text(change), {"before": before, "after": after}).rowcount


def _holds(connection: Connection, column: str) -> str:
    if connection.dialect.name == "postgresql":
        return f"strpos({column}, :before) > 0"
    return f"instr({column}, :before) > 0"


def _as_it_is(old: Path, new: Path) -> list[tuple[str, str]]:
    """The beginnings to replace: addresses are kept as URIs or as paths. The slash keeps /home/a from /home/ab."""
    return [(f"{old.as_uri()}/", f"{new.as_uri()}/"), (f"{old}/", f"{new}/")]


def _in_json(old: Path, new: Path) -> list[tuple[str, str]]:
    return [(json.dumps(before)[:-1], json.dumps(after)[:-1]) for before, after in _as_it_is(old, new)]


def _folder(address: str) -> Path | None:
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(address) if address.startswith("/") else None
