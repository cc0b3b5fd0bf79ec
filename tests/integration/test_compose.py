"""What docker-compose.yml runs, run without Docker: each command as written, watched by its own health check."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db.engine import make_engine, writing
from db.migrate import upgrade
from db.types import Role
from db.users import create_user
from tests.conftest import POSTGRES_URL

FILE = Path(__file__).parents[2] / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
PORTS = ("WORKBENCH_UI_PORT", "WORKBENCH_API_PORT", "WORKBENCH_MLFLOW_PORT")
ENDED_BY_SIGNAL = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


@dataclass(frozen=True)
class Container:
    """A service of the file as a process, with the file's environment but for the home and the ports."""

    name: str
    home: Path
    environment: dict[str, str]

    @property
    def log(self) -> Path:
        return self.home / f"{self.name}.log"

    def start(self) -> subprocess.Popen[bytes]:
        program, *options = SERVICES[self.name]["command"]
        assert program == "workbench"
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "workbench.cli", *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_healthy(self) -> bool:
        _cmd, program, *options = SERVICES[self.name]["healthcheck"]["test"]
        assert program == "python"
        checked = subprocess.run([sys.executable, *options], env=self.environment, capture_output=True, check=False)
        return checked.returncode == 0

    @property
    def grace_s(self) -> float:
        return float(SERVICES[self.name]["stop_grace_period"].removesuffix("s"))


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """The settings of the profile postgres, with databases of its own on the server that the tests have."""
    admin = create_engine(make_url(POSTGRES_URL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    names = {variable: f"compose_{uuid4().hex[:12]}" for variable in ("WORKBENCH_DATABASE_URL", "WORKBENCH_MLFLOW_URI")}
    try:
        with admin.connect() as connection:
            for name in names.values():
                connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
    url = make_url(POSTGRES_URL)
    yield {key: url.set(database=name).render_as_string(hide_password=False) for key, name in names.items()}
    with admin.connect() as connection:
        for name in names.values():
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def container(home: Path) -> Callable[[str], Container]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    ports = {name: str(probe.getsockname()[1]) for name, probe in zip(PORTS, held, strict=True)}
    for probe in held:
        probe.close()

    def make(name: str) -> Container:
        written = {key: value for key, value in SERVICES[name]["environment"].items() if "${" not in value}
        environment = os.environ | written | ports | {"WORKBENCH_HOME": str(home)}
        return Container(name=name, home=home, environment=environment)

    return make


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def anna(home: Path) -> None:
    """Somebody who may log in; without anybody, nothing listens to others."""
    engine = make_engine(f"sqlite:///{home / 'data' / 'workbench.db'}")
    upgrade(engine)
    with writing(engine) as session:
        create_user(session, "anna", Role.ADMIN, "no password has this hash")
    engine.dispose()


def until_healthy(container: Container, process: subprocess.Popen[bytes], within_s: float = 120.0) -> None:
    deadline = time.monotonic() + within_s
    while not container.is_healthy():
        said = container.log.read_text(encoding="utf-8")
        assert process.poll() is None, said[-3000:]
        assert time.monotonic() < deadline, said[-3000:]


@pytest.mark.parametrize("name", ["ui", "api", "worker", "mlflow"])
@pytest.mark.usefixtures("anna")
def test_a_service_runs_as_written_becomes_healthy_and_ends_when_told(
    name: str, container: Callable[[str], Container], started: list[subprocess.Popen[bytes]]
) -> None:
    lives_and_ends(container(name), started)


@pytest.mark.parametrize("name", ["worker", "mlflow"])
def test_a_service_does_so_with_the_postgres_profile_too(
    name: str,
    container: Callable[[str], Container],
    server: dict[str, str],
    started: list[subprocess.Popen[bytes]],
    home: Path,
) -> None:
    service = container(name)
    service.environment.update(server)
    lives_and_ends(service, started)
    assert not list(home.rglob("*.db"))


def lives_and_ends(service: Container, started: list[subprocess.Popen[bytes]]) -> None:
    assert not service.is_healthy()
    started.append(service.start())
    until_healthy(service, started[0])
    started[0].send_signal(signal.SIGTERM)
    assert started[0].wait(service.grace_s) in ENDED_BY_SIGNAL
    assert "Traceback" not in service.log.read_text(encoding="utf-8")
    assert not service.is_healthy()
    # Nothing of it is left behind in its process group.
    with pytest.raises(ProcessLookupError):
        os.killpg(started[0].pid, 0)


@pytest.mark.parametrize("name", ["ui", "api"])
def test_without_users_a_service_says_how_to_add_one_and_starts_once_there_is(
    name: str,
    container: Callable[[str], Container],
    started: list[subprocess.Popen[bytes]],
    request: pytest.FixtureRequest,
) -> None:
    service = container(name)
    started.append(service.start())
    assert started[0].wait(60) == 1
    said = service.log.read_text(encoding="utf-8")
    assert said.startswith("error: no users yet"), said
    assert "workbench users add" in said
    assert said.count("\n") == 1, said
    request.getfixturevalue("anna")
    # What `restart: unless-stopped` does.
    started.append(service.start())
    until_healthy(service, started[1])
