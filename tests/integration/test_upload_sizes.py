"""Files that are too large, sent to the real server over a real connection: refused early, and nothing left."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from db.settings import load_settings
from db.types import Role
from workbench.access.who import Asker, set_asker
from workbench.exchange.downloads import Downloads
from workbench.exchange.uploads import Uploads
from workbench.jobs.desk import JobDesk
from workbench.jobs.opening import KeptStore
from workbench.ui.app import MAX_BODY, UPLOADS
from workbench.ui.pages.data import data_routes
from workbench.web.body_limit import BodyLimit
from workbench.web.errors import add_error_handlers

MB = 2**20
LIMIT = 100 * MB


class _Admin:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        set_asker(scope.setdefault("state", {}), Asker(person="анна", role=Role.ADMIN, logged_in=True))
        await self._app(scope, receive, send)


@pytest.fixture
def uploads(home: Path) -> Uploads:
    return Uploads(home / "data" / "uploads", limit=LIMIT)


@pytest.fixture
def port(sqlite: Engine, home: Path, uploads: Uploads) -> Iterator[int]:
    settings = load_settings()
    desk = JobDesk(settings=settings, engine=sqlite, store=KeptStore(settings))
    app = FastAPI()
    add_error_handlers(app)
    downloads = Downloads(home / "data" / "exports", snapshots=home / "data" / "snapshots")
    app.include_router(data_routes(sqlite, uploads, downloads, desk))
    limited = BodyLimit(_Admin(app), limit=MAX_BODY, apart=frozenset({UPLOADS}))
    server = uvicorn.Server(uvicorn.Config(limited, log_level="error", lifespan="off"))
    # Listening from now on: who comes before the server is ready waits in line.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join()


def send(port: int, megabytes: int, *, told: bool) -> tuple[int, str, int]:
    """Status and body of the answer, and how many megabytes went out before it came."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return _send(connection, megabytes, told=told)


def _send(connection: http.client.HTTPConnection, megabytes: int, *, told: bool) -> tuple[int, str, int]:
    connection.putrequest("POST", UPLOADS)
    connection.putheader("X-File-Name", "a.csv")
    connection.putheader("Content-Length" if told else "Transfer-Encoding", str(megabytes * MB) if told else "chunked")
    connection.endheaders()
    sent = 0
    try:
        for _ in range(megabytes):
            piece = b"x" * MB
            connection.send(piece if told else f"{MB:x}\r\n".encode() + piece + b"\r\n")
            sent += 1
    except (BrokenPipeError, ConnectionResetError):
        pass
    else:
        if not told:
            connection.send(b"0\r\n\r\n")
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), sent


@pytest.mark.parametrize("told", [True, False], ids=["announced", "chunked"])
def test_two_hundred_megabytes_are_refused_early_and_leave_nothing(port: int, uploads: Uploads, told: bool) -> None:
    status, body, sent = send(port, 200, told=told)
    assert status == 413
    assert "a.csv: more than 100 MB" in body
    assert sent < 200
    assert list(uploads.kept.folder.glob("*")) == []


@pytest.mark.parametrize("told", [True, False], ids=["announced", "chunked"])
def test_what_is_within_the_limit_is_taken_whole(port: int, uploads: Uploads, told: bool) -> None:
    status, _, sent = send(port, 20, told=told)
    assert (status, sent) == (201, 20)
    (kept,) = uploads.kept.folder.glob("*.csv")
    assert kept.stat().st_size == 20 * MB
