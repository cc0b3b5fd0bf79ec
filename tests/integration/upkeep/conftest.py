"""Installations with a small trained champion, on SQLite and on PostgreSQL, each restored from one backup."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from filelock import FileLock
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db.engine import make_engine
from db.settings import Settings
from tests.conftest import POSTGRES_URL
from workbench.upkeep.backup import back_up
from workbench.upkeep.restore import restore

PROJECT, BACKUP = "shop", "pristine.tar.gz"
WORDS = {"shoes": ("boot", "sole", "heel", "lace"), "bags": ("strap", "zip", "pocket", "handle")}


@dataclass(frozen=True)
class Installation:
    """A home and the databases that go with it."""

    settings: Settings

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "WORKBENCH_HOME": str(self.home),
            "WORKBENCH_DATABASE_URL": self.settings.database_url,
            "WORKBENCH_MLFLOW_URI": self.settings.mlflow_uri,
            "HF_HUB_OFFLINE": "1",
        }

    def run(self, module: str, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=280, check=False)
        assert done.returncode == expect, done.stderr[-3000:]
        return done

    def engine(self) -> Engine:
        return make_engine(self.settings.database)


@dataclass(frozen=True, kw_only=True)
class Make:
    """Makes installations on one kind of database; `address` gives that of a new one."""

    kind: str
    address: Callable[[], str]

    def __call__(self, home: Path) -> Installation:
        return Installation(Settings(home=home, database_url=self.address(), mlflow_uri=self.address()))


def silent(done: float, total: float, what: str) -> None:
    """No progress is shown."""


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[[], str]]:
    """Addresses of new PostgreSQL databases, which go when the tests end."""
    admin = create_engine(make_url(POSTGRES_URL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        name = f"upkeep_{uuid4().hex[:12]}"
        try:
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
        except OperationalError:
            pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
        made.append(name)
        return make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)

    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump; install postgresql-client")
    yield make
    for name in made:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def new(request: pytest.FixtureRequest) -> Make:
    """Makes empty installations of one kind: the test runs on each."""
    address = (lambda: "") if request.param == "sqlite" else request.getfixturevalue("databases")
    return Make(kind=request.param, address=address)


@pytest.fixture(scope="session")
def pristine(new: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an installation with 80 labelled records and two versions of a model, the first of them champion."""
    base = tmp_path_factory.getbasetemp()
    # The processes of one run share it: it is trained once.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"pristine-{new.kind}"
    with FileLock(f"{folder}.lock"):
        if not (folder / BACKUP).exists():
            folder.mkdir()
            _make_pristine(new(folder / "home"), folder)
    return folder / BACKUP


def _make_pristine(shop: Installation, folder: Path) -> None:
    rows = [
        f"{label}-{number},my {label} {words[number % 4]} and {words[number // 4 % 4]} number {number},{label}"
        for label, words in WORDS.items()
        for number in range(40)
    ]
    file = folder / "rows.csv"
    file.write_text("id,text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    named = ("--project", PROJECT)
    shop.run(
        "workbench.cli", "import", str(file), *named, "--kind", "category", "--id-column", "id",
        "--labels-column", "label", "--by", "anna", "--blind",
    )  # fmt: skip
    shop.run("training.retrain", *named, "--recipe", "tfidf", "--promote", "always")
    shop.run("training.retrain", *named, "--recipe", "tfidf", "--seed", "1", "--promote", "never")
    assert back_up(shop.settings, folder / BACKUP, silent).warnings == ()


@pytest.fixture
def shop(new: Make, pristine: Path, tmp_path: Path) -> Installation:
    """An installation of one's own."""
    made = new(tmp_path / "shop")
    assert restore(made.settings, pristine, force=False, report=silent).warnings == ()
    return made


@pytest.fixture
def serving() -> Iterator[Callable[[int, Any], str]]:
    """Servers on this machine that answer every question alike; returns their addresses."""
    servers: list[HTTPServer] = []

    def serve(status: int, answer: Any) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def free() -> dict[str, int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return dict(zip(("ui_port", "api_port", "mlflow_port"), ports, strict=True))
