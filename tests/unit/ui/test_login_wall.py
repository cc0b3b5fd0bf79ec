"""Who gets through the wall around the UI, and what those who do not are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from db.engine import reading, writing
from db.sessions import start_session
from db.tables import SessionRow, utcnow
from db.types import Role
from db.users import create_user, find_user, set_active, set_role
from workbench.access.access import make_access
from workbench.access.who import asker_of
from workbench.ui.login_wall import LoginWall

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = {"/": Role.ANNOTATOR, "/records": Role.REVIEWER, "/users": Role.ADMIN}


async def _who(request: Request) -> JSONResponse:
    asker = asker_of(request.state)
    return JSONResponse(None if asker is None else [asker.person, asker.role, asker.logged_in])


async def _socket(socket: Any) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def client(sqlite: Engine) -> TestClient:
    return client_from("127.0.0.1", sqlite)


def client_from(address: str, engine: Engine) -> TestClient:
    wall = Middleware(LoginWall, access=make_access(engine), page_roles=PAGES)
    routes = [WebSocketRoute("/api/socket", _socket), Route("/{rest:path}", _who, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[wall])
    return TestClient(app, client=(address, 5), follow_redirects=False)


def log_in(engine: Engine, role: Role = Role.ADMIN, name: str = "Ann") -> dict[str, str]:
    with writing(engine) as session:
        if find_user(session, "root") is None:
            create_user(session, "root", Role.ADMIN, "hash")
        user = find_user(session, name) or create_user(session, name, role, "hash")
        token = start_session(session, user, now=utcnow())
    return {"cookie": f"wb_session={token}"}


def test_without_users_whoever_works_here_is_an_admin_under_a_name(client: TestClient) -> None:
    assert client.get("/api/x").json() == ["me", "admin", False]
    assert client.get("/api/x", headers={"x-annotator": "%D0%90%D0%BD%D1%8F"}).json() == ["Аня", "admin", False]
    assert client.get("/api/x", headers={"x-annotator": "a%0Ab"}).status_code == 422
    assert client.get("/users", headers=HTML).status_code == 200


def test_without_users_nobody_from_elsewhere_gets_in(sqlite: Engine, client: TestClient) -> None:
    for refused in (
        client_from("192.168.1.9", sqlite).get("/api/x"),
        client.get("/api/x", headers={"x-forwarded-for": "127.0.0.1"}),
    ):
        assert refused.status_code == 403
        assert "workbench users add NAME --role admin" in refused.json()["detail"]
    page = client_from("192.168.1.9", sqlite).get("/", headers=HTML).text
    assert "workbench users add" in page
    # By this static/login.js finds the line, to say it in another language.
    assert 'data-line="there are no users yet' in page


def test_from_the_first_user_on_everybody_has_to_log_in(sqlite: Engine, client: TestClient) -> None:
    assert client.get("/api/x").status_code == 200
    mine = log_in(sqlite)
    assert client.get("/api/x").status_code == 401
    assert client.get("/api/x", headers={"x-annotator": "root"}).status_code == 401
    assert client.get("/api/x", headers={**mine, "x-annotator": "root"}).json() == ["Ann", "admin", True]


@pytest.mark.parametrize("path", ["/config", "/gradio_api/info", "/gradio_api/queue/join", "/api/me", "/queue/data"])
def test_what_a_script_asks_for_without_a_session_is_refused_as_json(
    sqlite: Engine, client: TestClient, path: str
) -> None:
    log_in(sqlite)
    for answer in (client.get(path), client.get(path, headers={"cookie": "wb_session=guess"}), client.post(path)):
        assert answer.status_code == 401
        assert answer.json() == {"detail": "log in first"}
    assert client.post(path, headers=HTML).status_code == 401


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("/", "/login?next=%2F"),
        ("/overview?project=a%20b&x=%D1%8F", "/login?next=%2Foverview%3Fproject%3Da%2520b%26x%3D%25D1%258F"),
        ("/no/such", "/login?next=%2Fno%2Fsuch"),
        ("/%D1%8F", "/login?next=%2F%25D1%258F"),
    ],
)
def test_a_person_without_a_session_is_sent_to_the_login_and_back(
    sqlite: Engine, client: TestClient, asked: str, wanted: str
) -> None:
    log_in(sqlite)
    answer = client.get(asked, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)


@pytest.mark.parametrize("path", ["/login", "/healthz", "/ui/theme.css", "/ui/texts/ru/login.json"])
def test_the_login_and_its_files_are_open(sqlite: Engine, client: TestClient, path: str) -> None:
    log_in(sqlite)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/ui", "/uix", "/healthz/x", "/loginx", "//login", "/UI/x"])
def test_nothing_that_only_looks_like_them_is(sqlite: Engine, client: TestClient, path: str) -> None:
    log_in(sqlite)
    assert client.get(f"http://testserver{path}").status_code == 401


def test_a_page_above_ones_role_says_which_role_it_needs_in_ones_language(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite, Role.ANNOTATOR)
    for path in ("/records", "/records/", "/users", "//users"):
        assert client.get(f"http://testserver{path}", headers={**mine, **HTML}).status_code == 403, path
    answer = client.get("/users", headers={**mine, **HTML, "accept-language": "ru-RU,ru;q=0.9"})
    assert "администратор" in answer.text
    assert "“admin”" in client.get("/users", headers={**mine, **HTML}).text
    assert client.get("/users", headers=mine).json()["detail"] == "this page needs the role admin; Ann is annotator"
    assert client.get("/", headers={**mine, **HTML}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/proxy=x", "/login/", "/queue/join", "/monitoring", "/openapi.json"]
)
def test_what_gradio_brings_and_no_page_uses_is_there_for_nobody(sqlite: Engine, client: TestClient, path: str) -> None:
    assert client.post(path).status_code == 404
    assert client.post(path, headers=log_in(sqlite)).status_code == 404


def test_a_name_is_text_on_the_page_that_refuses(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite, Role.ANNOTATOR, "<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/users", headers={**mine, **HTML}).text


def test_a_role_and_an_account_taken_away_are_gone_at_the_next_request(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite, Role.REVIEWER)
    assert client.get("/records", headers=mine).status_code == 200
    with writing(sqlite) as session:
        ann = find_user(session, "ann")
        assert ann is not None
        set_role(session, ann, Role.ANNOTATOR)
    assert client.get("/records", headers=mine).status_code == 403
    with writing(sqlite) as session:
        set_active(session, ann, False)
    assert client.get("/", headers=mine).status_code == 401


def test_a_page_opened_by_somebody_else_is_not_answered(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite, name="Аня")
    opened = {"x-opened-by": "%D0%90%D0%BD%D1%8F"}
    assert client.post("/api/x", headers={**mine, **opened}).status_code == 200
    assert client.post("/api/x", headers={**mine, "x-opened-by": "root"}).status_code == 401


def test_a_page_with_nobody_at_it_does_not_keep_its_session_alive(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite)
    long_ago = utcnow() - timedelta(hours=11)
    with writing(sqlite) as session:
        session.execute(update(SessionRow).values(seen_at=long_ago))

    def last_seen() -> datetime:
        with reading(sqlite) as session:
            return session.scalars(select(SessionRow.seen_at)).one()

    assert client.get("/api/jobs", headers={**mine, "x-unattended": "1"}).status_code == 200
    assert last_seen() == long_ago
    assert client.get("/api/jobs", headers=mine).status_code == 200
    assert last_seen() > long_ago


def test_a_socket_needs_a_session_too(sqlite: Engine, client: TestClient) -> None:
    mine = log_in(sqlite)
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/api/socket"):
        pass
    assert closed.value.code == 1008
    with client.websocket_connect("/api/socket", headers=mine):
        pass


def test_a_database_that_is_gone_lets_nobody_in(client: TestClient, sqlite: Engine, monkeypatch) -> None:
    import sqlite3

    from sqlalchemy.exc import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("unable to open database file"))

    monkeypatch.setattr("workbench.access.single_user.any_users", away)
    assert client.get("/api/x").status_code == 503
