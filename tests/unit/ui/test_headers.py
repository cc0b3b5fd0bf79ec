from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from workbench.ui.headers import SecurityHeaders, same_origin


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "a:7860", "origin": "http://a:7860"}, True),
        ({"host": "a:7860", "origin": "http://a:7861"}, False),
        ({"host": "a:7860", "origin": "https://evil.test"}, False),
        ({"host": "a:7860", "origin": "null"}, False),
        ({"host": "a:7860", "sec-fetch-site": "cross-site"}, False),
        ({"host": "a:7860", "sec-fetch-site": "same-origin"}, True),
        ({"host": "a:7860"}, True),
    ],
)
def test_only_pages_of_this_host_may_send(headers: dict[str, str], expected: bool) -> None:
    assert same_origin(Headers(headers)) is expected


@pytest.fixture
def client() -> TestClient:
    def answer(_request: object) -> PlainTextResponse:
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"]), Route("/api/x", answer)])
    return TestClient(SecurityHeaders(app), base_url="http://here")


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for answer in (client.get("/"), client.post("/", headers={"origin": "http://evil.test"})):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_answers_with_data_are_kept_by_nobody_on_the_way(client: TestClient) -> None:
    assert client.get("/api/x").headers["cache-control"] == "no-store"
    assert "cache-control" not in client.get("/").headers


def test_another_sites_page_cannot_write(client: TestClient) -> None:
    assert client.post("/", headers={"origin": "http://evil.test"}).status_code == 403
    assert client.post("/", headers={"origin": "http://here"}).status_code == 200
