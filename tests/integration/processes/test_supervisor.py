"""The supervisor with small real processes: ready, restarted after a death, refused on a taken port, all ended."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from db.errors import UserError
from workbench.processes.part import Part
from workbench.processes.supervisor import Supervisor, answers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def web_part(name: str = "web") -> Part:
    port = free_port()
    return Part(
        name=name,
        title=name,
        command=(sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"),
        host="127.0.0.1",
        port=port,
        ready=f"http://127.0.0.1:{port}/",
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervise(home: Path, said: list[str]) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*parts: Part) -> Supervisor:
        made.append(Supervisor(parts, home / "logs", said.append))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_start_returns_when_every_part_answers_and_stop_ends_them(supervise: Callable[..., Supervisor]) -> None:
    one, two = web_part("one"), web_part("two")
    supervisor = supervise(one, two)
    supervisor.start()
    assert answers(one.ready)
    assert answers(two.ready)
    supervisor.stop()
    assert not answers(one.ready)
    assert not answers(two.ready)


def test_a_part_that_dies_is_started_again(supervise: Callable[..., Supervisor], said: list[str], home: Path) -> None:
    script = home / "web.py"
    script.write_text(
        "import http.server, os, pathlib, sys\n"
        "pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')\n"
    )
    plain = web_part()
    part = replace(plain, command=(sys.executable, str(script), str(plain.port)))
    supervisor = supervise(part)
    supervisor.start()
    ending = Event()
    watching = Thread(target=supervisor.watch, args=(ending,))
    watching.start()
    try:
        first = (home / "pid").read_text()
        os.kill(int(first), signal.SIGKILL)
        until(lambda: (home / "pid").read_text() != first and answers(part.ready))
        assert "web ended with exit code -9" in said[0]
    finally:
        ending.set()
        watching.join()


def test_a_part_that_cannot_start_is_named_with_its_last_line_and_nothing_is_left_running(
    supervise: Callable[..., Supervisor],
) -> None:
    good, bad = web_part("good"), web_part("bad")
    bad = replace(bad, command=(sys.executable, "-c", "raise SystemExit('the model is missing')"))
    with pytest.raises(UserError, match="bad did not start: the model is missing"):
        supervise(good, bad).start()
    with pytest.raises(httpx.TransportError):
        httpx.get(good.ready)


def test_a_taken_port_is_named_before_anything_starts(supervise: Callable[..., Supervisor], home: Path) -> None:
    part = web_part()
    with socket.socket() as other:
        other.bind(("127.0.0.1", part.port))
        other.listen()
        with pytest.raises(UserError, match=f"port {part.port} for web cannot be used"):
            supervise(part).start()
    assert not (home / "logs").exists()
