"""The UI as it is served: names it answers to, whose word about https it takes, who is behind a connection."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from db.engine import writing
from db.types import Role
from db.users import create_user

RIGHT = {"name": "root", "password": "correct horse"}
HTTPS = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
REPOSITORY = Path(__file__).parents[3]
Serve = Callable[..., str]


@pytest.fixture
def serve(sqlite: Engine, home: Path) -> Iterator[Serve]:
    """Starts `workbench PART` on a home with one user, with settings; gives its address."""
    with writing(sqlite) as session:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        create_user(session, "root", Role.ADMIN, quick.hash(RIGHT["password"]))
    started: list[subprocess.Popen[bytes]] = []

    def start(part: str = "ui", **settings: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "WORKBENCH_HOME": str(home), **settings}
        command = [sys.executable, "-m", "workbench.cli", part, "--port", str(port)]
        started.append(subprocess.Popen(command, env=environment))
        address = f"http://127.0.0.1:{port}"
        _wait(address, started[-1])
        return address

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it did not start")


def test_by_default_nobody_is_believed_about_https_and_only_own_names_are_answered(serve: Serve) -> None:
    address = serve()
    cookie = httpx.post(f"{address}/login", json=RIGHT, headers=HTTPS).headers["set-cookie"]
    assert cookie.startswith("wb_session=")
    assert "Secure" not in cookie
    for name, status in (("localhost", 200), ("127.0.0.1", 200), ("evil.test", 400), ("labels.shop.example", 400)):
        assert httpx.get(f"{address}/healthz", headers={"host": name}).status_code == status, name
    for path in ("/api/me", "/config", "/gradio_api/info", "/api/annotate"):
        assert httpx.get(address + path).status_code == 401, path


def test_behind_a_proxy_that_is_trusted_cookies_are_secure_and_callers_told_apart(serve: Serve) -> None:
    address = serve(WORKBENCH_TRUSTED_PROXIES="127.0.0.1", WORKBENCH_ALLOWED_HOSTS="labels.shop.example")
    named = {**HTTPS, "host": "labels.shop.example"}
    cookie = httpx.post(f"{address}/login", json=RIGHT, headers=named).headers["set-cookie"]
    assert re.fullmatch(r"__Host-wb_session=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax; Secure", cookie)
    token = cookie.partition(";")[0]
    assert httpx.get(f"{address}/api/me", headers={**named, "cookie": token}).json()["person"] == "root"
    assert httpx.get(f"{address}/healthz", headers={"host": "evil.test"}).status_code == 400

    def guess(place: str) -> int:
        wrong = {"name": "root", "password": "wrong"}
        return httpx.post(f"{address}/login", json=wrong, headers={**named, "x-forwarded-for": place}).status_code

    assert [guess("198.51.100.1") for _ in range(7)] == [401] * 5 + [429] * 2
    known = httpx.post(f"{address}/login", json=RIGHT, headers=named)
    assert known.status_code == 200, "a stranger's guesses do not close the place that root logs in from"


def test_a_session_lasts_as_long_as_the_settings_say(serve: Serve) -> None:
    address = serve(WORKBENCH_SESSION_MAX_DAYS="2")
    assert "Max-Age=172800" in httpx.post(f"{address}/login", json=RIGHT).headers["set-cookie"]


def test_the_api_answers_own_names_only_and_nobody_without_a_token(serve: Serve) -> None:
    address = serve("api")
    assert httpx.get(f"{address}/healthz", headers={"host": "evil.test"}).status_code == 400
    answer = httpx.post(
        f"{address}/v1/projects/p/predict", json={"texts": ["a"]}, headers={"x-forwarded-for": "127.0.0.1"}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="workbench"'
