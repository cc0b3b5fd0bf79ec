from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.types import Kind, Role
from workbench.ui.pages.labels import labels_routes

ClientOf = Callable[..., TestClient]
LABELS = {"categories": [{"name": "<b>обувь</b>", "color": "#0f6b5f"}, "одежда"], "tags": {"одежда": ["=1+1"]}}
AT = "/api/labels/отзывы"


@pytest.fixture
def project(sqlite: Engine) -> str:
    with writing(sqlite, by="анна") as session:
        project = create_project(session, "отзывы", Kind.BOTH)
        save_label_set(session, project, parse_label_set(LABELS))
    return "отзывы"


@pytest.mark.usefixtures("project")
def test_annotators_read_labels_and_guidelines(sqlite: Engine, client_of: ClientOf) -> None:
    client = client_of(labels_routes(sqlite), role=Role.ANNOTATOR)
    shown = client.get(AT).json()
    assert (shown["version"], shown["kind"]) == (1, "both")
    assert shown["labels"]["categories"][0] == {"name": "<b>обувь</b>", "color": "#0f6b5f"}
    assert client.get(f"{AT}/guidelines").json() == {"version": 0, "text": "", "html": ""}
    assert client.get(f"{AT}/versions").json()["versions"][0]["person"] == "анна"
    assert client.get("/api/labels/нет").status_code == 404


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("role", "method", "path", "body", "status"),
    [
        (None, "get", AT, None, 401),
        (Role.ANNOTATOR, "put", AT, {"labels": {}, "based_on": 1}, 403),
        (Role.REVIEWER, "put", AT, {"labels": {}, "based_on": 1}, 403),
        (Role.REVIEWER, "post", f"{AT}/check", {"labels": {}}, 403),
        (Role.REVIEWER, "post", "/api/labels/read-yaml", {"text": "categories: [a]"}, 403),
        (Role.ANNOTATOR, "put", f"{AT}/guidelines", {"text": "x", "based_on": 0}, 403),
        (Role.ANNOTATOR, "post", "/api/labels/render-guidelines", {"text": "x"}, 403),
        (Role.REVIEWER, "put", f"{AT}/guidelines", {"text": "x", "based_on": 0}, 200),
    ],
)
def test_only_admins_edit_labels_and_only_reviewers_guidelines(
    sqlite: Engine, client_of: ClientOf, role: Role | None, method: str, path: str, body: object, status: int
) -> None:
    answer = client_of(labels_routes(sqlite), role=role).request(method, path, json=body)
    assert answer.status_code == status


@pytest.mark.usefixtures("project")
def test_what_saving_would_mean_is_told_and_a_stale_page_is_refused(sqlite: Engine, client_of: ClientOf) -> None:
    client = client_of(labels_routes(sqlite), person="борис")
    edited = {"categories": ["одежда", "посуда"], "tags": {"одежда": ["=1+1"]}}
    changes = client.post(f"{AT}/check", json={"labels": edited}).json()["changes"]
    assert [(c["kind"], c["name"], c["answers"]) for c in changes] == [
        ("removed", "<b>обувь</b>", 0),
        ("added", "посуда", 0),
    ]
    assert client.put(AT, json={"labels": edited, "based_on": 1}).json() == {"version": 2}
    stale = client.put(AT, json={"labels": {"categories": ["x"]}, "based_on": 1})
    assert stale.status_code == 409
    assert "saved by somebody else meanwhile" in stale.json()["detail"]
    newest = client.get(f"{AT}/versions").json()["versions"][0]
    assert (newest["version"], newest["person"], newest["changes"]) == (2, "борис", {"removed": 1, "added": 1})
    back = client.get(f"{AT}/changes", params={"old": 2, "new": 1}).json()["changes"]
    assert [(c["kind"], c["name"]) for c in back] == [("removed", "посуда"), ("added", "<b>обувь</b>")]
    assert client.get(AT, params={"version": 1}).json()["version"] == 1
    assert client.get(AT, params={"version": 9}).status_code == 404


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"labels": {"categories": ["a", "A"]}, "based_on": 1}, 422, "two labels named 'A'"),
        ({"labels": {"categories": ["a\x00"]}, "based_on": 1}, 422, "characters that cannot be kept"),
        ({"labels": {"other": []}, "based_on": 1}, 422, "expected a mapping"),
        ({"labels": [], "based_on": 1}, 422, "labels:"),
        ({"labels": {}, "based_on": -1}, 422, "based_on:"),
        ({"labels": {}}, 422, "based_on:"),
    ],
)
def test_labels_at_fault_are_told_in_one_line(
    sqlite: Engine, client_of: ClientOf, body: object, status: int, said: str
) -> None:
    answer = client_of(labels_routes(sqlite)).put(AT, json=body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.usefixtures("project")
def test_labels_go_out_as_a_file_and_come_in_from_one(sqlite: Engine, client_of: ClientOf) -> None:
    client = client_of(labels_routes(sqlite))
    file = client.get(f"{AT}/labels.yaml")
    assert yaml.safe_load(file.text)["tags"] == {"одежда": ["=1+1"]}
    disposition = file.headers["content-disposition"]
    assert disposition == (
        "attachment; filename=\"______-labels.yaml\"; filename*=UTF-8''%D0%BE%D1%82%D0%B7%D1%8B%D0%B2%D1%8B-labels.yaml"
    )
    read = client.post("/api/labels/read-yaml", json={"text": file.text})
    assert read.json()["labels"] == client.get(AT).json()["labels"]
    broken = client.post("/api/labels/read-yaml", json={"text": "categories: [", "name": "<i>.yaml"})
    assert broken.status_code == 422
    assert broken.json()["detail"].startswith("<i>.yaml line 1: not YAML")


@pytest.mark.usefixtures("project")
def test_guidelines_are_rendered_kept_by_version_and_compared(sqlite: Engine, client_of: ClientOf) -> None:
    client = client_of(labels_routes(sqlite), role=Role.REVIEWER, person="вера")
    draft = {"text": "# Правила\n<script>alert(1)</script>"}
    assert "&lt;script&gt;" in client.post("/api/labels/render-guidelines", json=draft).json()["html"]
    assert client.put(f"{AT}/guidelines", json=draft | {"based_on": 0}).json() == {"version": 1}
    assert client.put(f"{AT}/guidelines", json={"text": "# Правила\nещё", "based_on": 1}).json() == {"version": 2}
    assert client.put(f"{AT}/guidelines", json={"text": "моё", "based_on": 1}).status_code == 409
    shown = client.get(f"{AT}/guidelines").json()
    assert (shown["version"], shown["html"]) == (2, "<h3>Правила</h3>\n<p>ещё</p>\n")
    assert client.get(f"{AT}/guidelines", params={"version": 1}).json()["text"] == draft["text"]
    versions = client.get(f"{AT}/guidelines/versions").json()["versions"]
    assert [(v["version"], v["person"]) for v in versions] == [(2, "вера"), (1, "вера")]
    lines = client.get(f"{AT}/guidelines/changes", params={"old": 1, "new": 2}).json()["lines"]
    assert [line["kind"] for line in lines] == ["same", "removed", "added"]
    too_long = client.put(f"{AT}/guidelines", json={"text": "x" * 50_001, "based_on": 2})
    assert (too_long.status_code, "text:" in too_long.json()["detail"]) == (422, True)
    assert client.put(f"{AT}/guidelines", json={"text": "a\x00", "based_on": 2}).status_code == 422
