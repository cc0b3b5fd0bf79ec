"""Tokens on the prediction API: who needs one, which scope does what, how soon a revoked one is dead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from db.annotation_log import all_annotations
from db.api_tokens import Scope, create_token, list_tokens, revoke_token
from db.engine import reading, writing
from db.settings import load_settings
from db.tables import utcnow
from db.types import Project, Role
from db.users import User, create_user, set_active
from workbench.access.tokens import KNOWN_S, Tokens
from workbench.api.app import build_api
from workbench.api.tokens import NeedsScope

PREDICT = "/v1/projects/goods/predict"
TEXTS = {"texts": ["red boots"]}
DECISION = {"model": "goods", "input": "red boots", "questions": [{"type": "choice", "choices": [{"value": "shoes"}]}]}
SYSTEMONE = {
    "model": "goods",
    "state": "red boots",
    "questions": {"c": {"type": "choice", "criteria": {"shoes": None}}},
}
FEEDBACK = {"text": "red boots", "category": "shoes", "by": "somebody"}
# What needs which scope; everything else is open.
PROTECTED = {
    ("POST", "/v1/projects/{project}/predict"): Scope.PREDICT,
    ("POST", "/v1/decisions"): Scope.PREDICT,
    ("POST", "/v1/systemone"): Scope.PREDICT,
    ("GET", "/v1/projects/{project}/search"): Scope.PREDICT,
    ("POST", "/v1/projects/{project}/feedback"): Scope.FEEDBACK,
    ("GET", "/metrics"): Scope.METRICS,
}
OPEN = {"/healthz", "/readyz", "/docs", "/openapi.json"}


@pytest.fixture(autouse=True)
def _champion(goods: Project, models) -> None:
    models.champions["goods"] = "7"


@pytest.fixture
def shop(engine: Engine) -> User:
    with writing(engine) as session:
        create_user(session, "root", Role.ADMIN, "hash")
        return create_user(session, "shop", Role.ANNOTATOR, "hash")


def bearer(engine: Engine, owner: User, *scopes: Scope) -> dict[str, str]:
    with writing(engine) as session:
        _, secret = create_token(session, owner, "t", scopes, now=utcnow())
    return {"authorization": f"Bearer {secret}"}


def everything(client: TestClient, headers: dict[str, str]) -> dict[str, int]:
    return {
        "predict": client.post(PREDICT, json=TEXTS, headers=headers).status_code,
        "decisions": client.post("/v1/decisions", json=DECISION, headers=headers).status_code,
        "systemone": client.post("/v1/systemone", json=SYSTEMONE, headers=headers).status_code,
        "feedback": client.post("/v1/projects/goods/feedback", json=FEEDBACK, headers=headers).status_code,
        "metrics": client.get("/metrics", headers=headers).status_code,
    }


def test_without_users_this_machine_needs_no_token(client: TestClient) -> None:
    assert set(everything(client, {}).values()) == {200}


def test_without_users_no_other_machine_is_answered(engine: Engine, models) -> None:
    with TestClient(build_api(engine, load_settings(), models=models), client=("192.168.1.9", 5)) as client:
        assert set(everything(client, {}).values()) == {403}
        assert "workbench users add" in client.post(PREDICT, json=TEXTS).json()["detail"]
        assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wb_guess", "Basic cm9vdDpyb290", "wb_guess", "Bearer \xff"])
def test_with_users_what_is_no_token_is_told_to_bring_one(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    answer = client.post(PREDICT, json=TEXTS, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="workbench"')
    assert list(answer.json()) == ["detail"]
    assert "guess" not in answer.text
    assert set(everything(client, {}).values()) == {401}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("path", sorted(OPEN))
def test_health_and_docs_stay_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (200, 503)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.PREDICT, {"predict", "decisions", "systemone"}),
        (Scope.FEEDBACK, {"feedback"}),
        (Scope.METRICS, {"metrics"}),
    ],
)
def test_a_scope_opens_what_it_names_and_nothing_else(
    client: TestClient, engine: Engine, shop: User, scope: Scope, allowed: set[str]
) -> None:
    statuses = everything(client, bearer(engine, shop, scope))
    assert statuses == {name: 200 if name in allowed else 403 for name in statuses}


def test_a_missing_scope_is_named(client: TestClient, engine: Engine, shop: User) -> None:
    answer = client.post(PREDICT, json=TEXTS, headers=bearer(engine, shop, Scope.FEEDBACK, Scope.METRICS))
    assert answer.json() == {"detail": "this needs the scope predict; the token has feedback, metrics"}
    assert 'error="insufficient_scope", scope="predict"' in answer.headers["www-authenticate"]


def test_feedback_is_the_token_owners(client: TestClient, engine: Engine, shop: User, goods: Project) -> None:
    client.post("/v1/projects/goods/feedback", json=FEEDBACK, headers=bearer(engine, shop, Scope.FEEDBACK))
    with reading(engine) as session:
        assert [a.person for rows in all_annotations(session, goods).values() for a in rows] == ["shop"]


def test_use_is_noted_once(client: TestClient, engine: Engine, shop: User) -> None:
    headers = bearer(engine, shop, Scope.PREDICT)
    for _ in range(3):
        client.post(PREDICT, json=TEXTS, headers=headers)
    with reading(engine) as session:
        (token,) = list_tokens(session)
    assert token.used_at is not None


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection, _cursor, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_a_busy_token_costs_no_query_and_a_revoked_one_is_dead_in_seconds(
    engine: Engine, shop: User, statements: list[str]
) -> None:
    clock = Clock()
    tokens = Tokens(engine, clock=clock)
    secret = bearer(engine, shop, Scope.PREDICT)["authorization"].removeprefix("Bearer ")
    assert tokens.peek(secret) is None
    token = tokens.look_up(secret)
    assert token is not None
    statements.clear()
    assert tokens.peek(secret) == token
    assert statements == []
    with writing(engine) as session:
        revoke_token(session, token.id, now=utcnow())
    clock.now += KNOWN_S
    assert KNOWN_S < 10
    assert tokens.peek(secret) is None
    assert tokens.look_up(secret) is None


def test_a_token_of_a_closed_account_is_dead(client: TestClient, engine: Engine, shop: User) -> None:
    headers = bearer(engine, shop, Scope.PREDICT)
    with writing(engine) as session:
        set_active(session, shop, False)
    assert client.post(PREDICT, json=TEXTS, headers=headers).status_code == 401


def test_every_route_needs_a_scope_or_stands_on_the_list_of_open_ones(engine: Engine, models) -> None:
    app = build_api(engine, load_settings(), models=models)
    unprotected = set()
    for route in iter_route_contexts(app.routes):
        found = _dependants(getattr(route, "dependant", None))
        scopes = {one.call.scope for one in found if isinstance(one.call, NeedsScope)}
        for method in route.methods - {"HEAD"}:
            if scopes:
                assert scopes == {PROTECTED[method, route.path]}, route.path
            else:
                unprotected.add(route.path)
    assert unprotected == OPEN


def _dependants(dependant) -> Iterator:
    for found in getattr(dependant, "dependencies", ()):
        yield found
        yield from _dependants(found)
