"""The Users page's routes: what admins may change, what is shown once, what is refused in one line."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.audit import list_changes
from db.engine import reading, writing
from db.types import Role
from db.users import create_user, get_user, password_hash_of
from workbench.access.passwords import is_password
from workbench.ui.pages.users import users_routes

HOSTILE = '<img src=x onerror=alert(1)>${7*7}"'


@pytest.fixture
def client(sqlite: Engine, client_of) -> TestClient:
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, "hash")
    return client_of(users_routes(sqlite), person="root")


def add(client: TestClient, name: str = "ann", role: str = "annotator") -> dict:
    answer = client.post("/api/users", json={"name": name, "role": role})
    assert answer.status_code == 201, answer.text
    return answer.json()


def names(client: TestClient) -> dict[str, tuple[str, bool]]:
    return {user["name"]: (user["role"], user["active"]) for user in client.get("/api/users").json()["users"]}


def test_a_person_is_added_with_a_password_that_is_answered_once(client: TestClient, sqlite: Engine) -> None:
    made = add(client, HOSTILE)
    with reading(sqlite) as session:
        assert is_password(password_hash_of(session, get_user(session, HOSTILE)), made["password"])
        assert made["password"] not in repr(list_changes(session))
        assert list_changes(session)[0].person == "root"
    listed = client.get("/api/users")
    assert made["password"] not in listed.text
    assert "hash" not in listed.text
    assert listed.headers["cache-control"] == "no-store"
    assert names(client) == {"root": ("admin", True), HOSTILE: ("annotator", True)}


def test_role_and_access_can_be_changed_and_a_password_reset(client: TestClient, sqlite: Engine) -> None:
    add(client)
    assert client.patch("/api/users", json={"name": "ann", "role": "reviewer"}).json()["user"]["role"] == "reviewer"
    assert client.patch("/api/users", json={"name": "ann", "active": False}).json()["user"]["active"] is False
    assert names(client)["ann"] == ("reviewer", False)
    made = client.post("/api/users/password", json={"name": "ANN"}).json()
    with reading(sqlite) as session:
        assert is_password(password_hash_of(session, get_user(session, "ann")), made["password"])
    assert made["user"]["name"] == "ann"


def test_a_tokens_secret_is_answered_once(client: TestClient) -> None:
    asked = {"name": HOSTILE, "owner": "root", "scopes": ["predict"], "days": 30}
    made = client.post("/api/users/tokens", json=asked)
    assert made.status_code == 201
    secret, token = made.json()["secret"], made.json()["token"]
    assert secret.startswith("wb_")
    listed = client.get("/api/users")
    assert secret not in listed.text
    assert listed.json()["tokens"] == [token]
    assert listed.json()["scopes"] == ["predict", "feedback", "metrics"]
    assert client.post(f"/api/users/tokens/{token['id']}/revoke").json()["token"]["works"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("post", "", {"name": "Root", "role": "admin"}, 409, "exists already"),
        ("post", "", {"name": " ", "role": "admin"}, 422, "user name"),
        ("post", "", {"name": "a\u0000b", "role": "admin"}, 422, "name"),
        ("post", "", {"name": "x" * 300, "role": "admin"}, 422, "user name"),
        ("post", "", {"name": "x", "role": "boss"}, 422, "role"),
        ("post", "", {"name": "x", "role": "admin", "password": "y"}, 422, "password"),
        ("patch", "", {"name": "nobody", "role": "admin"}, 404, "no user 'nobody'"),
        ("patch", "", {"name": "root", "active": False}, 422, "last active admin"),
        ("patch", "", {"name": "root", "role": "reviewer"}, 422, "last active admin"),
        ("post", "/password", {"name": "nobody"}, 404, "no user"),
        ("post", "/tokens", {"name": "t", "owner": "nobody", "scopes": ["predict"]}, 404, "no user"),
        ("post", "/tokens", {"name": "t", "owner": "root", "scopes": []}, 422, "give it a scope"),
        ("post", "/tokens", {"name": "t", "owner": "root", "scopes": ["all"]}, 422, "scopes"),
        ("post", "/tokens", {"name": "t", "owner": "root", "scopes": ["predict"], "days": 0}, 422, "days"),
        ("post", "/tokens", {"name": "\u202e", "owner": "root", "scopes": ["predict"]}, 422, "token name"),
        ("post", "/tokens/99/revoke", {}, 404, "no token 99"),
        ("post", "/tokens/99999999999999999999/revoke", {}, 422, "token_id"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    client: TestClient, method: str, path: str, body: dict, status: int, told: str
) -> None:
    answer = client.request(method, f"/api/users{path}", json=body)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_nobody_below_an_admin_gets_in(sqlite: Engine, client_of, role: Role) -> None:
    client = client_of(users_routes(sqlite), role=role)
    assert client.get("/api/users").status_code == 403
    assert client.post("/api/users", json={"name": "x", "role": "admin"}).status_code == 403
    assert client.patch("/api/users", json={"name": "x", "role": "admin"}).status_code == 403
    assert client.post("/api/users/tokens", json={}).status_code == 403
