"""The health checks of containers: a part that answers is well, anything else is a line and exit code 1."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.workers import say_alive
from workbench.upkeep.health import main

Serve = Callable[[int], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Servers that give every question this status; returns their ports."""
    servers: list[HTTPServer] = []

    def start(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return str(servers[-1].server_port)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("part", ["ui", "api", "mlflow"])
def test_a_part_is_well_when_it_answers_200_on_its_port(
    part: str, serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"WORKBENCH_{part.upper()}_PORT", serve(200))
    assert main([part]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_part_that_is_not_ready_or_not_there_is_said_in_one_line(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_API_PORT", serve(503))
    assert main(["api"]) == 1
    assert "503" in capsys.readouterr().err
    monkeypatch.setenv("WORKBENCH_API_PORT", "1")
    assert main(["api"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("api: http://127.0.0.1:1/readyz: ")


def test_a_proxy_for_the_world_outside_is_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("WORKBENCH_UI_PORT", serve(200))
    assert main(["ui"]) == 0


def test_a_worker_is_well_when_it_has_said_so(sqlite: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker"]) == 1
    assert capsys.readouterr().err == "worker: none has said for a while that it lives\n"
    with writing(sqlite) as session:
        say_alive(session, "here:1")
    assert main(["worker"]) == 0


def test_asking_for_a_worker_makes_no_database(home: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker"]) == 1
    assert "no database" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["cook"], ["ui", "api"]])
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "ui|api|mlflow|worker" in capsys.readouterr().err


def test_asking_for_pages_loads_nothing_but_the_standard_library() -> None:
    code = "import sys, workbench.upkeep.health; print({'sqlalchemy', 'typer', 'httpx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
