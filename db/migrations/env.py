"""Alembic's entry point: migrates the engine it is handed, or the one the settings name."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from db.engine import make_engine
from db.settings import load_settings
from db.tables import Base, UtcDateTime


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration must not depend on a class that may change later."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_item=_render)
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    _migrate(handed)
else:
    with make_engine(load_settings().database).begin() as own:
        _migrate(own)
