from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from db.text_keys import text_key
from db.types import Project

ADDRESS = "/v1/projects/goods/feedback"


@pytest.fixture(autouse=True)
def _champion(goods: Project, models) -> None:
    models.champions["goods"] = "7"


def test_a_prediction_can_be_corrected_by_its_id(client: TestClient) -> None:
    (predicted,) = client.post("/v1/projects/goods/predict", json={"texts": ["red boots"]}).json()
    body = {"text": "red boots", "prediction_id": predicted["prediction_id"], "by": "shop"}
    accepted = client.post(ADDRESS, json={**body, "category": "shoes"})
    corrected = client.post(ADDRESS, json={**body, "category": "bags"})
    assert accepted.json() == {"id": text_key("red boots"), "status": "accepted", "saved": True}
    assert corrected.json()["status"] == "corrected"


def test_a_repeated_request_with_its_key_saves_once(client: TestClient) -> None:
    def send(category: str) -> tuple[int, object]:
        body = {"text": "red boots", "category": category}
        response = client.post(ADDRESS, json=body, headers={"Idempotency-Key": "order-17"})
        return response.status_code, response.json().get("saved")

    assert [send("shoes"), send("shoes"), send("bags")] == [(200, True), (200, False), (409, None)]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"text": "a", "category": "boats"}, 422, "category: 'boats' is off the list; allowed: shoes, bags"),
        ({"text": "a", "category": "shoes", "prediction_id": "7-x"}, 422, "prediction_id: not one that project"),
        ({"id": "sku-9", "category": "shoes"}, 404, "project 'goods' has no record 'sku-9'"),
        ({"category": "shoes"}, 422, "id, text: name the record by one of them"),
        ({"text": "a", "category": "shoes", "label": "x"}, 422, "label: Extra inputs are not permitted"),
        ({"id": 5, "category": "shoes"}, 422, "id: Input should be a valid string"),
    ],
)
def test_what_is_wrong_is_one_line(client: TestClient, body: dict, status: int, told: str) -> None:
    response = client.post(ADDRESS, json=body)
    assert response.status_code == status
    assert response.json()["detail"].startswith(told)


def test_an_unknown_project_is_not_found(client: TestClient) -> None:
    assert client.post("/v1/projects/nix/feedback", json={"text": "a", "category": "b"}).status_code == 404


def test_feedback_needs_no_champion(client: TestClient, models) -> None:
    models.champions.clear()
    assert client.post(ADDRESS, json={"text": "red boots", "category": "shoes"}).status_code == 200
