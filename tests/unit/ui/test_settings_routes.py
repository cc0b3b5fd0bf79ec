"""The routes of the settings and of the changes: who may, what is refused, what is noted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import reading, writing
from db.project_settings import KINDS, get_settings
from db.projects import create_project, get_project
from db.types import Kind, Role
from workbench.ui.language import Language, texts
from workbench.ui.pages.audit import audit_routes
from workbench.ui.pages.settings import settings_routes

HOSTILE = "<img src=x onerror=alert(1)> ${1+1} =1+1"


@pytest.fixture
def client(engine: Engine, client_of: Callable[..., TestClient]) -> TestClient:
    with writing(engine) as session:
        create_project(session, "p", Kind.CATEGORY)
    return client_of(settings_routes(engine, {"Python": "3"}), audit_routes(engine), person="борис")


def test_every_setting_comes_with_its_value_default_and_kind(client: TestClient) -> None:
    found = client.get("/api/settings/p").json()
    assert set(found["values"]) == set(found["defaults"]) == set(found["kinds"]) == set(KINDS)
    assert found["kinds"]["overlap"] == {"kind": "whole", "low": 1, "high": 20}


def test_every_setting_is_explained_in_both_languages() -> None:
    wanted = {f"settings_{key.replace('.', '_').replace('-', '_')}" for key in KINDS}
    for language in Language:
        missing = {key for key in wanted if not {key, f"{key}_hint"} <= set(texts(language))}
        assert missing == set()


def test_changes_are_saved_together_or_not_at_all(client: TestClient, engine: Engine) -> None:
    answer = client.post("/api/settings/p", json={"values": {"overlap": "2", "blind_share": "7"}})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "setting blind_share: a number from 0 to 1 (got '7')"
    with reading(engine) as session:
        assert get_settings(session, get_project(session, "p")).overlap == 1
    assert client.post("/api/settings/p", json={"values": {"overlap": "2"}}).json()["values"]["overlap"] == 2


@pytest.mark.parametrize("values", [{"nonsense": "1"}, {"overlap": "x" * 3000}, {"overlap": 3}, {"overlap": "\x00"}])
def test_what_is_no_setting_is_refused_in_one_line(client: TestClient, values: dict[str, object]) -> None:
    answer = client.post("/api/settings/p", json={"values": values})
    assert answer.status_code == 422
    assert "\n" not in answer.json()["detail"]


def test_a_project_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/api/settings/q").status_code == 404
    assert client.post("/api/settings/q", json={"values": {}}).status_code == 404


def test_a_project_can_be_made_and_its_name_is_checked(client: TestClient) -> None:
    assert client.post("/api/settings", json={"name": "отзывы", "kind": "both"}).status_code == 201
    for name in ("отзывы", "", "../x", HOSTILE):
        answer = client.post("/api/settings", json={"name": name, "kind": "both"})
        assert answer.status_code == 422


def test_what_changed_is_noted_with_who_changed_it_newest_first(client: TestClient) -> None:
    client.post("/api/settings/p", json={"values": {"hypothesis_template": HOSTILE + "{label}", "overlap": "3"}})
    client.post("/api/settings/p", json={"values": {"overlap": "3"}})
    overlap, template = client.get("/api/audit", params={"project": "p", "person": "борис"}).json()["changes"]
    assert (overlap["person"], overlap["subject"], overlap["old"], overlap["new"]) == ("борис", "overlap", 1, 3)
    assert (template["old"], template["new"]) == ("", HOSTILE + "{label}")
    assert client.get("/api/audit", params={"person": "анна"}).json() == {"changes": [], "more": False}


def test_older_changes_are_fetched_by_the_last_one_seen(client: TestClient) -> None:
    for overlap in (2, 3) * 60:
        client.post("/api/settings/p", json={"values": {"overlap": str(overlap)}})
    first = client.get("/api/audit").json()
    assert (len(first["changes"]), first["more"]) == (100, True)
    rest = client.get("/api/audit", params={"before": first["changes"][-1]["id"]}).json()
    assert (len(rest["changes"]), rest["more"]) == (21, False)
    assert client.get("/api/audit", params={"before": 2**63}).status_code == 422


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_both_pages_are_for_admins(sqlite: Engine, client_of: Callable[..., TestClient], role: Role) -> None:
    client = client_of(settings_routes(sqlite, {}), audit_routes(sqlite), role=role)
    assert client.get("/api/settings").status_code == 403
    assert client.post("/api/settings", json={"name": "p", "kind": "both"}).status_code == 403
    assert client.post("/api/settings/p", json={"values": {}}).status_code == 403
    assert client.get("/api/audit").status_code == 403
