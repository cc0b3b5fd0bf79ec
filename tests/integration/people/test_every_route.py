"""Every route of the real UI, ours and Gradio's: none is open that is not on the list, none answers too low a role."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from db.engine import make_engine, writing
from db.migrate import upgrade
from db.sessions import start_session
from db.settings import Settings
from db.tables import utcnow
from db.types import Role
from db.users import create_user, get_user
from workbench.access.routes import NeedsRole
from workbench.ui.app import build_app
from workbench.ui.pages import PAGES
from workbench.wiring import Workbench

# Open to everybody, because nobody is logged in yet; the logout needs a session and no role.
OPEN = {("GET", "/healthz"), ("GET", "/login"), ("POST", "/login")}
WITHOUT_ROLE = OPEN | {("GET", "/logout"), ("POST", "/logout")}
# Of what Gradio brings, only what its pages are made of.
FILES_OF_GRADIO = {
    "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt",
    "/static/{path:path}", "/assets/{path:path}", "/svelte/{path:path}",
}  # fmt: skip


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = _workbench(tmp_path_factory.mktemp("home"))
    with writing(opened.engine) as session:
        for role in reversed(Role):
            create_user(session, role.value, role, "hash")
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def app(workbench: Workbench) -> FastAPI:
    return _app(workbench)


def _workbench(home: Path) -> Workbench:
    settings = Settings(home=home)
    engine = make_engine(settings.database)
    upgrade(engine)
    return Workbench(settings=settings, engine=engine)


def _app(workbench: Workbench) -> FastAPI:
    with warnings.catch_warnings():
        # Gradio leaves event loops behind that it made while it was put together.
        warnings.simplefilter("ignore", ResourceWarning)
        app = build_app(routers=workbench.ui_routers(), access=workbench.access)
        gc.collect()
    return app


@pytest.fixture
def clients(app: FastAPI, workbench: Workbench) -> dict[Role | None, TestClient]:
    """A client for each role, and one that is not logged in."""
    made: dict[Role | None, TestClient] = {None: _client(app)}
    with writing(workbench.engine) as session:
        for role in Role:
            made[role] = _client(app)
            made[role].cookies.set("wb_session", start_session(session, get_user(session, role.value), now=utcnow()))
    return made


def _client(app: FastAPI) -> TestClient:
    return TestClient(app, client=("127.0.0.1", 5), follow_redirects=False, raise_server_exceptions=False)


def our_routes(app: FastAPI) -> Iterator[tuple[str, str, Role | None]]:
    """(method, path, role) of each; the role is None where none is asked for."""
    for route in iter_route_contexts([route for route in app.routes if not isinstance(route, Mount)]):
        needed = [found.call.role for found in _dependants(route.dependant) if isinstance(found.call, NeedsRole)]
        for method in route.methods:
            yield method, route.path, max(needed, key=list(Role).index, default=None)


def gradios_routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    (gradio,) = [route.app for route in app.routes if isinstance(route, Mount) and route.path == ""]
    for route in iter_route_contexts(gradio.routes):
        for method in getattr(route, "methods", None) or ():
            yield method, route.path


def _dependants(dependant: Any) -> Iterator[Any]:
    for found in dependant.dependencies:
        yield found
        yield from _dependants(found)


def _address(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def test_every_route_of_ours_asks_for_a_role_or_stands_on_the_list(app: FastAPI) -> None:
    routes = list(our_routes(app))
    assert {(method, path) for method, path, role in routes if role is None} == WITHOUT_ROLE
    assert len(routes) > 10


def test_every_route_of_ours_refuses_who_is_not_logged_in_and_too_low_a_role(
    app: FastAPI, clients: dict[Role | None, TestClient]
) -> None:
    for method, path, needed in our_routes(app):
        if (method, path) in OPEN:
            continue
        assert clients[None].request(method, _address(path)).status_code == 401, (method, path)
        for role in Role:
            if needed is not None and not role.covers(needed):
                answer = clients[role].request(method, _address(path))
                assert answer.status_code == 403, (method, path, role)
                assert list(answer.json()) == ["detail"]


def test_an_annotator_is_let_in_where_their_role_is_enough(
    app: FastAPI, clients: dict[Role | None, TestClient]
) -> None:
    for method, path, needed in our_routes(app):
        if needed is Role.ANNOTATOR and method == "GET":
            answer = clients[Role.ANNOTATOR].request(method, _address(path))
            assert answer.status_code not in (401, 403, 500), (method, path)


def test_every_page_refuses_who_is_not_logged_in_and_too_low_a_role(clients: dict[Role | None, TestClient]) -> None:
    html = {"accept": "text/html"}
    for page in PAGES:
        sent = clients[None].get(page.path, headers=html)
        assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, "/login"), page
        for role in Role:
            expected = 200 if role.covers(page.role) else 403
            assert clients[role].get(page.path, headers=html).status_code == expected, (page, role)


def test_nothing_of_gradios_answers_who_is_not_logged_in(app: FastAPI, clients: dict[Role | None, TestClient]) -> None:
    routes = {(method, path) for method, path in gradios_routes(app) if (method, _address(path)) not in OPEN}
    assert {"/config", "/gradio_api/upload", "/gradio_api/queue/join"} <= {path for _, path in routes}
    for method, path in routes:
        assert clients[None].request(method, _address(path)).status_code == 401, (method, path)


def test_of_gradios_only_pages_and_their_files_are_there_at_all(
    app: FastAPI, clients: dict[Role | None, TestClient]
) -> None:
    pages = {variant for page in PAGES for variant in (page.path, f"{page.path}/")}
    for method, path in gradios_routes(app):
        if path not in pages | FILES_OF_GRADIO and (method, path) not in WITHOUT_ROLE:
            answer = clients[Role.ADMIN].request(method, _address(path))
            assert answer.status_code in (404, 405), (method, path)


def test_without_users_nothing_of_it_is_answered_to_another_machine(tmp_path: Path) -> None:
    opened = _workbench(tmp_path)
    app = _app(opened)
    client = TestClient(app, client=("192.168.1.9", 5), follow_redirects=False)
    for path in ("/", "/config", "/api/me", "/api/users", "/gradio_api/info"):
        assert client.get(path).status_code == 403, path
    assert TestClient(app, client=("127.0.0.1", 5)).get("/api/me").json()["role"] == "admin"
    opened.engine.dispose()
