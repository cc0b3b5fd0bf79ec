from __future__ import annotations

import logging

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from workbench.api.access_log import AccessLog, RequestSummary


async def _hello(request: Request) -> PlainTextResponse:
    request.state.model = "goods/7"
    return PlainTextResponse(request.state.request_id)


async def _fail(_request: Request) -> PlainTextResponse:
    raise ZeroDivisionError


@pytest.fixture
def seen() -> list[RequestSummary]:
    return []


@pytest.fixture
def client(seen: list[RequestSummary]) -> TestClient:
    app = Starlette(routes=[Route("/hello/{name}", _hello), Route("/fail", _fail), Route("/quiet", _hello)])
    app.add_middleware(AccessLog, observe=seen.append, quiet=frozenset({"/quiet"}))
    return TestClient(app, raise_server_exceptions=False)


def test_the_callers_request_id_comes_back(client: TestClient) -> None:
    response = client.get("/hello/you", headers={"X-Request-Id": "order-17.a"})
    assert response.headers["x-request-id"] == response.text == "order-17.a"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b"])
def test_a_request_id_that_could_forge_a_log_line_is_replaced(client: TestClient, given: str) -> None:
    assert len(client.get("/hello/you", headers={"X-Request-Id": given}).headers["x-request-id"]) == 32


def test_the_line_names_the_route_and_not_what_was_asked(
    client: TestClient, seen: list[RequestSummary], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="workbench.api.access_log"):
        client.get("/hello/secret?q=secret", headers={"X-Request-Id": "r1"})
    (line,) = [r.getMessage() for r in caplog.records if r.name == "workbench.api.access_log"]
    assert line.startswith("GET /hello/{name} 200 ")
    assert line.endswith(" ms goods/7 r1")
    assert "secret" not in line
    assert (seen[0].route, seen[0].status, seen[0].model) == ("/hello/{name}", 200, "goods/7")


def test_failures_and_strays_are_counted_too(client: TestClient, seen: list[RequestSummary]) -> None:
    assert client.get("/fail").status_code == 500
    assert client.get("/nowhere/at/all").status_code == 404
    assert [(s.route, s.status) for s in seen] == [("/fail", 500), ("unmatched", 404)]


def test_quiet_routes_are_not_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="workbench.api.access_log"):
        client.get("/quiet")
    assert not [r for r in caplog.records if r.name == "workbench.api.access_log"]
