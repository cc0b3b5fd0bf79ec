"""The one place that puts parts together: settings, engine, models and stages become ready-made services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from db.engine import make_engine
from db.migrate import upgrade
from db.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Workbench:
    """An opened home: its settings and its migrated database."""

    settings: Settings
    engine: Engine

    @property
    def snapshots(self) -> Path:
        return self.settings.data / "snapshots"


def open_workbench() -> Workbench:
    """Read the environment, open the database and bring it to the newest migration."""
    settings = load_settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    return Workbench(settings=settings, engine=engine)
