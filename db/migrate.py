"""Bringing a database to the newest migration."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from db.engine import reachable

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Run the migrations that `engine`'s database lacks; one process at a time, and quick when there are none.

    Raises UserError where the database cannot be reached.
    """
    with reachable(engine), engine.connect() as connection:
        if stored_revision(connection) == newest_revision():
            return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with reachable(engine), engine.execution_options(writing=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7340)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def stored_revision(connection: Connection) -> str | None:
    """The migration a database is at; None where there are no tables of ours yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


@cache
def newest_revision() -> str:
    """The migration that this release needs; of two revisions the later is the greater."""
    # Migration files are numbered (0001_…), so the newest needs no reading of them; Alembic takes 0.3 s to import.
    return max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
