"""Fixtures shared by all tests: a home of its own for each, and both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Receive, Scope, Send

from db.engine import make_engine
from db.migrate import upgrade
from db.types import Role
from workbench.access.who import Asker, set_asker
from workbench.web.errors import add_error_handlers

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/test")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the developer's own home, settings or model hub."""
    for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sqlite(home: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{home / 'data' / 'workbench.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres() -> Iterator[Engine]:
    """A migrated schema of its own in the PostgreSQL that TEST_POSTGRES_URL names."""
    schema = f"test_{uuid4().hex[:12]}"
    admin = create_engine(make_url(POSTGRES_URL).set(drivername="postgresql+psycopg"))
    try:
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError:
        admin.dispose()
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
    engine = make_engine(f"{POSTGRES_URL}?options=-csearch_path%3D{schema}")
    upgrade(engine)
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The same test on both databases."""
    return request.getfixturevalue(request.param)


class ClientOf(Protocol):
    def __call__(self, *routers: APIRouter, role: Role | None = Role.ADMIN, person: str = "ann") -> TestClient: ...


@pytest.fixture
def client_of() -> ClientOf:
    """Clients of routers of the UI, whose requests come from `person`; without a role, from nobody."""

    def make(*routers: APIRouter, role: Role | None = Role.ADMIN, person: str = "ann") -> TestClient:
        app = FastAPI()
        add_error_handlers(app)
        for router in routers:
            app.include_router(router)
        asker = None if role is None else Asker(person=person, role=role, logged_in=True)
        return TestClient(_Asked(app, asker))

    return make


class _Asked:
    """Stands in for the UI's middleware: every request comes from the same person."""

    def __init__(self, app: ASGIApp, asker: Asker | None) -> None:
        self._app = app
        self._asker = asker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._asker is not None and scope["type"] == "http":
            set_asker(scope.setdefault("state", {}), self._asker)
        await self._app(scope, receive, send)
