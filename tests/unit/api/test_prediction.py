from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.engine import writing
from db.projects import create_project
from db.text_keys import text_key
from db.types import Kind, Project
from workbench.serving.prediction_ids import read_id

ADDRESS = "/v1/projects/goods/predict"


@pytest.fixture(autouse=True)
def _champion(goods: Project, models) -> None:
    models.champions["goods"] = "7"


def test_every_text_gets_an_answer_in_its_place(client: TestClient) -> None:
    answers = client.post(ADDRESS, json={"texts": ["red leather boots", "a bag"]}).json()
    assert [answer["category"] for answer in answers] == ["shoes", "bags"]
    assert set(answers[0]) == {
        "category", "confidence", "probabilities", "tags", "tag_scores", "model_version", "prediction_id",
    }  # fmt: skip
    assert answers[0]["model_version"] == "7"
    assert read_id("goods", answers[0]["prediction_id"]).text_key == text_key("red leather boots")


def test_probabilities_are_not_rounded(client: TestClient) -> None:
    (answer,) = client.post(ADDRESS, json={"texts": ["red leather boots"]}).json()
    assert answer["probabilities"] == {"shoes": 0.9, "bags": 1 - 0.9}


def test_the_threshold_and_the_categories_reach_the_model(client: TestClient) -> None:
    body = {"texts": ["warm boots"], "categories": [None], "threshold": 0.05}
    assert client.post(ADDRESS, json=body).json()[0]["tags"] == ["warm", "light"]


def test_no_texts_are_no_answers(client: TestClient) -> None:
    assert client.post(ADDRESS, json={"texts": []}).json() == []


def test_many_long_texts_are_answered(client: TestClient) -> None:
    answers = client.post(ADDRESS, json={"texts": ["boots " * 100] * 1000}).json()
    assert len({answer["prediction_id"] for answer in answers}) == 1000


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"texts": ["a"] * 1001}, 422, "texts: 1001 texts, at most 1000 in one request"),
        ({"texts": ["a", "x" * 100_001]}, 422, "texts[1]: 100001 characters, at most 100000"),
        ({"texts": ["a", " \n"]}, 422, "texts[1]: the text is empty"),
        ({"texts": ["a", 5]}, 422, "texts[1]: Input should be a valid string"),
        ({"texts": ["a", None]}, 422, "texts[1]: Input should be a valid string"),
        ({"texts": "a"}, 422, "texts: Input should be a valid list"),
        ({"texts": ["a"], "categories": []}, 422, "categories: 0 for 1 texts; give one per text, or none at all"),
        ({"texts": ["a"], "threshold": 2}, 422, "threshold: Input should be less than or equal to 1"),
        ({"texts": ["a"], "treshold": 0.5}, 422, "treshold: Extra inputs are not permitted"),
        ({}, 422, "texts: Field required"),
        ([], 422, "body: Input should be a valid dictionary or object to extract fields from"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_it(client: TestClient, body: Any, status: int, told: str) -> None:
    response = client.post(ADDRESS, json=body)
    assert (response.status_code, response.json()) == (status, {"detail": told})


def test_half_a_character_is_refused(client: TestClient) -> None:
    response = client.post(ADDRESS, content=b'{"texts": ["\\ud83d"]}', headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json() == {"detail": "texts[0]: it holds half of a surrogate pair"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"texts": ["secret]}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_refused_without_repeating_it(client: TestClient, content: bytes) -> None:
    response = client.post(ADDRESS, content=content, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert set(response.json()) == {"detail"}
    assert "secret" not in response.text


def test_a_body_too_large_is_refused_also_when_its_length_is_not_told(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"texts": ["'
        for _ in range(17):
            yield b"x" * 2**20
        yield b'"]}'

    headers = {"content-type": "application/json"}
    for content in (b"".join(pieces()), pieces()):
        response = client.post(ADDRESS, content=content, headers=headers)
        assert response.status_code == 413
        assert set(response.json()) == {"detail"}


def test_a_project_without_a_champion_says_how_to_get_one(client: TestClient, models) -> None:
    models.champions.clear()
    _until_served(client, None)
    response = client.post(ADDRESS, json={"texts": ["a"]})
    assert response.status_code == 409
    assert response.json()["detail"].endswith("run python -m training.retrain --project goods")


def test_an_unknown_project_is_not_found(client: TestClient) -> None:
    response = client.post("/v1/projects/nix/predict", json={"texts": ["a"]})
    assert (response.status_code, response.json()["detail"][:16]) == (404, "no project 'nix'")


def test_a_model_that_cannot_be_loaded_is_unavailable(client: TestClient, models, engine: Engine) -> None:
    with writing(engine) as session:
        create_project(session, "broken", Kind.CATEGORY)
    models.faults["13"] = "version 13: its bundle is gone"
    models.champions["broken"] = "13"
    response = client.post("/v1/projects/broken/predict", json={"texts": ["a"]})
    assert (response.status_code, response.json()) == (503, {"detail": "version 13: its bundle is gone"})


def test_a_request_that_began_with_the_old_version_ends_with_it(client: TestClient, models, goods: Project) -> None:
    models.gates["8"] = gate = threading.Event()
    models.champions["goods"] = "8"
    _until_served(client, "8")
    answers: list[Any] = []
    slow = threading.Thread(target=lambda: answers.extend(client.post(ADDRESS, json={"texts": ["x" * 5000]}).json()))
    slow.start()
    models.champions["goods"] = "9"
    _until_served(client, "9")
    assert client.post(ADDRESS, json={"texts": ["a bag"]}).json()[0]["model_version"] == "9"
    gate.set()
    slow.join()
    assert answers[0]["model_version"] == "8"


def test_no_text_is_ever_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post(ADDRESS, json={"texts": ["verysecret"]})
        client.post(ADDRESS, json={"texts": ["verysecret", 5]})
        client.post(f"{ADDRESS}?q=verysecret", content=b'{"texts": ["verysecret]}')
        client.post("/v1/projects/goods/feedback", json={"text": "verysecret", "category": "boats"})
        client.post("/v1/projects/goods/feedback", json={"text": "verysecret", "category": "shoes"})
    ours = [r for r in caplog.records if r.name.split(".")[0] in ("workbench", "db", "training", "uvicorn")]
    assert ours
    assert not [r for r in ours if "verysecret" in r.getMessage()]


def _until_served(client: TestClient, version: str | None) -> None:
    for _ in range(1000):
        states = client.get("/readyz").json()["champions"]
        if [s["serving"] for s in states] == ([version] if version else []):
            return
        threading.Event().wait(0.01)
    raise AssertionError(json.dumps(states))
