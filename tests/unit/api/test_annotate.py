"""The curation page's routes: bounds, headers, refusals in words."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.types import Kind
from workbench.api.annotate import annotate_routes

SYNC = "/api/annotate/p/sync"
HOLDER = {"holder": "tab-00000001"}


@pytest.fixture
def client(sqlite: Engine) -> TestClient:
    with writing(sqlite) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["a"]}))
    app = FastAPI()
    app.include_router(annotate_routes(sqlite))
    return TestClient(app)


def action(**changes: object) -> dict[str, object]:
    return {"cid": "cid-00000001", "record": 1, "action": "skip", **changes}


def test_answers_are_not_stored_by_anyone_on_the_way(client: TestClient) -> None:
    for answer in (client.get("/api/annotate"), client.get("/api/annotate/p"), client.post(SYNC, json=HOLDER)):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_project_is_not_found_with_its_reason(client: TestClient) -> None:
    for answer in (client.get("/api/annotate/q"), client.post("/api/annotate/q/sync", json=HOLDER)):
        assert answer.status_code == 404
        assert "no project 'q'" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"holder": "short"},
        {**HOLDER, "want": 51},
        {**HOLDER, "actions": [action()] * 201},
        {**HOLDER, "actions": [action(comment="x" * 4001)]},
        {**HOLDER, "actions": [action(cid="<script>")]},
        {**HOLDER, "actions": [action(action="delete")]},
        {**HOLDER, "actions": [action(blind=True)]},
        {**HOLDER, "have": [-1]},
    ],
)
def test_what_is_out_of_bounds_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(SYNC, json=body).status_code == 422


def test_too_large_a_body_is_refused_unread(client: TestClient) -> None:
    assert client.post(SYNC, content=b"x" * 2_000_001).status_code == 413


def test_a_refusal_names_what_is_wrong(client: TestClient) -> None:
    (result,) = client.post(SYNC, json={**HOLDER, "actions": [action()]}).json()["results"]
    assert result["refusal"]["code"] == "unknown-record"
    assert result["refusal"]["message"] == "project 'p' has no record 1"


def test_a_name_in_another_script_comes_through(client: TestClient) -> None:
    assert client.post(SYNC, json=HOLDER, headers={"x-annotator": "%D0%90%D0%BD%D0%BD%D0%B0"}).status_code == 200
    assert client.post(SYNC, json=HOLDER, headers={"x-annotator": "a%0Ab"}).status_code == 422
