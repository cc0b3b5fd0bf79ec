"""The databases of an installation, held still together for a moment and copied as they were then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from db.errors import UserError
from db.settings import Settings
from training.mlflow_address import is_served
from workbench.upkeep.postgres import dump

Report = Callable[[float, float, str], None]
WORKBENCH, JOBS, MLFLOW = "workbench", "jobs", "mlflow"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
SUFFIX = {SQLITE: ".db", POSTGRESQL: ".pgdump"}
_WAIT_S = 30
# In PostgreSQL jobs are kept beside the rest, in a schema that their library chose.
_JOBS_SCHEMAS = {"dbos"}
# 16 MiB at a time, so that progress can be shown.
_PAGES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One database; `file` is where it lies, or None where a server keeps it."""

    name: str
    url: URL = field(repr=False)

    @property
    def kind(self) -> str:
        return self.url.get_backend_name()

    @property
    def file(self) -> Path | None:
        return Path(self.url.database or "") if self.kind == SQLITE else None

    @property
    def copy_name(self) -> str:
        return self.name + SUFFIX[self.kind]


def stores_of(settings: Settings) -> list[Store]:
    """Every database that is ours to copy, whether it is there yet or not. MLflow's is not where a server keeps it."""
    addresses = {WORKBENCH: settings.database}
    if make_url(settings.database).get_backend_name() == SQLITE:
        # What runs jobs takes its time to load.
        from workbench.jobs.store import jobs_database

        addresses[JOBS] = jobs_database(settings)
    if not is_served(settings.mlflow):
        addresses[MLFLOW] = settings.mlflow
    return [Store(name=name, url=make_url(address)) for name, address in addresses.items()]


def own_store(settings: Settings) -> Store:
    """The database that knows everything."""
    return Store(name=WORKBENCH, url=make_url(settings.database))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenStore:
    """A store as it was when it was frozen, however much is written meanwhile."""

    store: Store
    connection: Connection
    snapshot: str = ""

    def write(self, target: Path, report: Report) -> None:
        """Copy it into the new file `target`."""
        if self.store.kind == POSTGRESQL:
            dump(self.store.url, target, schemas=schemas_of(self.connection), snapshot=self.snapshot)
            return
        source = self.connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        what = self.store.copy_name
        copy = sqlite3.connect(target)
        try:
            # The open transaction on `source` keeps its pages as they were, so that no write makes this start over.
            source.backup(copy, pages=_PAGES, sleep=0, progress=lambda _s, left, all_: report(all_ - left, all_, what))
        finally:
            copy.close()


def schemas_of(connection: Connection) -> list[str]:
    """The schemas of a PostgreSQL database that are ours; others may share it."""
    own = connection.exec_driver_sql("SELECT current_schema()").scalar()
    wanted = _JOBS_SCHEMAS | ({str(own)} if own else set())
    return sorted(wanted & set(inspect(connection).get_schema_names()))


@contextmanager
def frozen(stores: list[Store]) -> Iterator[dict[str, FrozenStore]]:
    """All of `stores` as they were at one moment, between two promotions.

    A promotion moves MLflow's alias while it writes its row, so nothing is promoted while the snapshots are taken; that
    takes milliseconds. Raises UserError where a database cannot be reached.
    """
    with ExitStack() as opened:
        with _no_promotion(next(store for store in stores if store.name == WORKBENCH)):
            found = {store.name: _freeze(store, opened) for store in stores}
        yield found


@contextmanager
def connected(store: Store) -> Iterator[Connection]:
    """A plain connection that changes nothing by being made: no pragma is set, no table created."""
    engine = create_engine(
        store.url.set(drivername="postgresql+psycopg") if store.kind == POSTGRESQL else store.url,
        isolation_level="REPEATABLE READ" if store.kind == POSTGRESQL else "AUTOCOMMIT",
        connect_args={} if store.kind == POSTGRESQL else {"timeout": _WAIT_S},
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        reason = next(iter(str(error.orig).strip().splitlines()), "no reason given")
        address = store.url.render_as_string(hide_password=True)
        raise UserError(f"database of {store.name}: cannot use {address}: {reason}") from error
    finally:
        engine.dispose()


@contextmanager
def _no_promotion(store: Store) -> Iterator[None]:
    with connected(store) as connection:
        if store.kind == POSTGRESQL:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_S}s'")
            connection.exec_driver_sql("LOCK TABLE promotions IN SHARE MODE")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield


def _freeze(store: Store, opened: ExitStack) -> FrozenStore:
    connection = opened.enter_context(connected(store))
    if store.kind == POSTGRESQL:
        snapshot = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        return FrozenStore(store=store, connection=connection, snapshot=snapshot)
    connection.exec_driver_sql("BEGIN")
    # SQLite takes its snapshot with the first read.
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    return FrozenStore(store=store, connection=connection)
