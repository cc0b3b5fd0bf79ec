"""Engines and transactions for SQLite and PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from db.errors import UserError

BUSY_TIMEOUT_S = 30
# One writer at a time inside a process: SQLite allows one anyway, and a lock is fair where its busy loop is not.
_write_lock = threading.RLock()


def make_engine(url: str) -> Engine:
    """An engine for `url`. SQLite gets WAL, enforced foreign keys and explicit BEGIN; folders are made.

    Raises UserError where SQLite's folder cannot be made.
    """
    parsed = make_url(url)
    # Parameters are people's texts; an error must not carry them into a log.
    common = {"json_serializer": json.JSONEncoder(ensure_ascii=False).encode, "hide_parameters": True}
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **common)
    if parsed.database and parsed.database != ":memory:":
        _make_folder(Path(parsed.database).parent)
    # The last one used is used next: every connection fills a cache of pages of its own.
    pool = {"pool_size": 10, "max_overflow": 50, "pool_use_lifo": True}
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S}, **pool, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"WORKBENCH_HOME or WORKBENCH_DATABASE_URL: cannot make {folder}: {error.strerror}") from error


_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY")
# KiB of pages that a connection keeps: an import fills indexes in random order, and with SQLite's own 2 MiB pays a
# fifth more for it; but of those that read there are many, and the system keeps the file's pages for them all.
_CACHE_WRITING, _CACHE_READING = 32_768, 4_096


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: a deferred BEGIN that later writes can double-assign leases.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    cache = _CACHE_WRITING if writing else _CACHE_READING
    if connection.info.get("cache") != cache:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{cache}")
        connection.info["cache"] = cache
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for queries; rolls back at the end, so nothing done in it persists."""
    with reachable(engine), Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine, *, by: str | None = None) -> Iterator[Session]:
    """A session for changes: commits when the block ends well, rolls back when it raises.

    `by` is who changes something, for the audit log; by default the person who started this process.
    """
    sqlite = engine.dialect.name == "sqlite"
    with (
        _write_lock if sqlite else nullcontext(),
        reachable(engine),
        Session(engine.execution_options(writing=True), expire_on_commit=False) as session,
        session.begin(),
    ):
        session.info["by"] = by
        yield session


def serialise(session: Session, project_id: int) -> None:
    """Let one transaction at a time past this point for the project, until it ends.

    SQLite's BEGIN IMMEDIATE already does so; PostgreSQL takes an advisory lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:space, :project)"), {"space": 7341, "project": project_id})


# What both databases say when the fault is not ours: with the place, the rights, the disk or another program.
_OUTSIDE = (
    "connection",
    "unable to open",
    "not a database",
    "readonly",
    "is locked",
    "is full",
    "disk i/o",
    "malformed",
)


@contextmanager
def reachable(engine: Engine) -> Iterator[None]:
    """Turns the faults of the place where the database lies into UserErrors that name it."""
    try:
        yield
    except DatabaseError as error:
        if error.connection_invalidated or any(word in str(error.orig).lower() for word in _OUTSIDE):
            address = engine.url.render_as_string(hide_password=True)
            reason = next(iter(str(error.orig).strip().splitlines()), "no reason given")
            raise UserError(f"setting WORKBENCH_DATABASE_URL: cannot use {address}: {reason}") from error
        raise
