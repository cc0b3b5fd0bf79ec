"""Databases of their own for jobs, and the list of jobs on both."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db.engine import make_engine, writing
from db.label_sets import parse_label_set, save_label_set
from db.migrate import upgrade
from db.projects import create_project
from db.settings import Settings, load_settings
from db.types import Kind
from tests.conftest import POSTGRES_URL
from workbench.jobs.desk import JobDesk
from workbench.jobs.store import JobStore


@pytest.fixture
def postgres() -> Iterator[Engine]:
    """A database of its own, because the jobs' tables have a schema name of their own."""
    name = f"test_{uuid4().hex[:12]}"
    server = make_url(POSTGRES_URL).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        admin.dispose()
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
    engine = make_engine(server.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def settings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    if engine.dialect.name == "postgresql":
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        monkeypatch.setenv("WORKBENCH_DATABASE_URL", url)
    return load_settings()


@pytest.fixture
def jobs(settings: Settings) -> Iterator[JobStore]:
    store = JobStore(settings)
    yield store
    store.close()


@pytest.fixture
def desk(settings: Settings, engine: Engine, jobs: JobStore) -> JobDesk:
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["a", "b"]}))
        create_project(session, "bare", Kind.CATEGORY)
    return JobDesk(settings=settings, engine=engine, store=lambda: jobs)
