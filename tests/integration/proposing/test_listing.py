"""Asking an endpoint which model it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from db.errors import UserError
from workbench.proposing.llm.listing import only_model


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[str]:
    body: bytes = request.param

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def listing(*names: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": name} for name in names]}).encode()


@pytest.mark.parametrize("serving", [listing("qwen3:8b")], indirect=True)
def test_the_only_model_is_taken(serving: str) -> None:
    assert only_model(serving, "") == "qwen3:8b"


@pytest.mark.parametrize("serving", [listing("a", "b")], indirect=True)
def test_of_several_the_user_chooses(serving: str) -> None:
    with pytest.raises(UserError, match=r"set WORKBENCH_LLM_MODEL; .* serves a, b$"):
        only_model(serving, "")


@pytest.mark.parametrize("serving", [listing(), b"<html>", b'{"data": 3}'], indirect=True)
def test_an_endpoint_that_lists_none_is_named(serving: str) -> None:
    with pytest.raises(UserError, match="WORKBENCH_LLM_MODEL"):
        only_model(serving, "")


def test_an_endpoint_that_is_down_is_named() -> None:
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/v1/models does not list its models"):
        only_model("http://127.0.0.1:9/v1", "")
