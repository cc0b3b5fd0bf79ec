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
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db.engine import make_engine
from db.settings import Settings
from tests.conftest import POSTGRES_URL
from workbench.upkeep.backup import back_up
from workbench.upkeep.restore import restore

PROJECT = "shop"
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


Make = Callable[[Path], Installation]


def silent(done: float, total: float, what: str) -> None:
    """No progress is shown."""


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[[], str]]:
    """Addresses of new PostgreSQL databases, which go when the tests end."""
    admin = create_engine(make_url(POSTGRES_URL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        made.append(f"upkeep_{uuid4().hex[:12]}")
        try:
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {made[-1]}"))
        except OperationalError:
            pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
        return make_url(POSTGRES_URL).set(database=made[-1]).render_as_string(hide_password=False)

    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump; install postgresql-client")
    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def new(request: pytest.FixtureRequest) -> Make:
    """Makes empty installations of one kind: the test runs on each."""
    if request.param == "sqlite":
        return lambda home: Installation(Settings(home=home))
    address: Callable[[], str] = request.getfixturevalue("databases")
    return lambda home: Installation(Settings(home=home, database_url=address(), mlflow_uri=address()))


@pytest.fixture(scope="session")
def pristine(new: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an installation with 80 labelled records and two versions of a model, the first of them champion."""
    folder = tmp_path_factory.mktemp("pristine")
    shop = new(folder / "home")
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
    made = back_up(shop.settings, folder / "pristine.tar.gz", silent)
    assert made.warnings == ()
    return made.path


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
