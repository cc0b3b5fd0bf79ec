"""The page of operations: complete, plain, and asking no other host."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from workbench.api.docs import docs_page, example_of


def test_every_operation_is_shown_with_a_call_that_names_what_it_takes(client: TestClient) -> None:
    page = client.get("/docs").text
    for method, path in (("POST", "/v1/projects/{project}/predict"), ("GET", "/metrics"), ("GET", "/healthz")):
        assert f"<h2>{method} {path}</h2>" in page
    assert "Authorization: Bearer" in page
    assert "&quot;prediction_id&quot;" in page
    assert "header idempotency-key" in page


def test_no_other_host_is_named(client: TestClient) -> None:
    answer = client.get("/docs")
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", answer.text) == ["openapi.json"]
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/redoc").status_code == 404


def test_what_a_description_says_is_text() -> None:
    hostile = "<script>alert(1)</script>"
    operation = {"description": hostile, "responses": {}, "parameters": [{"in": "query", "name": hostile}]}
    page = docs_page({"info": {"title": hostile}, "paths": {f"/{hostile}": {"get": operation}}}, "http://here")
    assert hostile not in page
    assert page.count("&lt;script&gt;") >= 5


def test_an_example_has_the_schemas_shape() -> None:
    spec = {"components": {"schemas": {"A": {"type": "object", "properties": {"next": {"$ref": "#/c/A"}}}}}}
    assert example_of({"anyOf": [{"type": "null"}, {"type": "integer"}]}, spec) == 1
    assert example_of({"type": "array", "items": {"enum": ["x", "y"]}}, spec) == ["x"]
    assert example_of({"type": "object", "additionalProperties": {"type": "number"}}, spec) == {"…": 0.5}
    assert "next" in example_of({"$ref": "#/c/A"}, spec)
