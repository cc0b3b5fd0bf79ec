"""The curation page's routes: bounds, headers, refusals in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.types import Kind, Role
from workbench.ui.pages.curate import curate_routes

SYNC = "/api/annotate/p/sync"
HOLDER = {"holder": "tab-00000001"}


@pytest.fixture
def client(sqlite: Engine, client_of: Callable[..., TestClient]) -> TestClient:
    with writing(sqlite) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["a"]}))
    return client_of(curate_routes(sqlite), role=Role.ANNOTATOR)


def action(**changes: object) -> dict[str, object]:
    return {"cid": "cid-00000001", "record": 1, "action": "skip", **changes}


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
    answer = client.post(SYNC, json=body)
    assert answer.status_code == 422
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize(
    "field",
    [
        '"comment": "\\ud800"',
        '"comment": "a\\u0000b"',
        '"category": "\\ud800"',
        '"action": "\\ud800"',
        '"tags": ["\\ud800"]',
    ],
)
def test_text_that_no_database_keeps_is_refused_and_holds_nothing_up(client: TestClient, field: str) -> None:
    fields = f'"cid": "cid-00000001", "record": 1, "action": "skip", {field}'
    body = f'{{"holder": "tab-00000001", "actions": [{{{fields}}}]}}'
    answer = client.post(SYNC, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("actions[0].")


@pytest.mark.parametrize("midnight", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_midnight_before_there_were_pages_or_after_the_calendar_is_refused(client: TestClient, midnight: str) -> None:
    assert client.post(SYNC, json={**HOLDER, "today_from": midnight}).status_code == 422


def test_a_refusal_names_what_is_wrong(client: TestClient) -> None:
    (result,) = client.post(SYNC, json={**HOLDER, "actions": [action()]}).json()["results"]
    assert result["refusal"]["code"] == "unknown-record"
    assert result["refusal"]["message"] == "project 'p' has no record 1"
