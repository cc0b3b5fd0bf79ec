from __future__ import annotations

from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient

from db.types import Project


@pytest.fixture(autouse=True)
def _champions(goods: Project, tagged: Project, models) -> None:
    models.champions |= {"goods": "7", "tagged": "9"}


def _choice(*options: Any, name: str = "category") -> dict[str, Any]:
    return {"type": "choice", "name": name, "instructions": "", "choices": [{"value": option} for option in options]}


def _decide(client: TestClient, *questions: dict[str, Any], model: str = "goods") -> list[dict[str, Any]]:
    body = {"model": model, "input": "red leather boots, warm", "questions": list(questions)}
    response = client.post("/v1/decisions", json=body)
    assert response.status_code == 200, response.text
    return response.json()["answers"]


def _systemone(client: TestClient, questions: dict[str, Any], model: str = "goods") -> dict[str, Any]:
    body = {"model": model, "state": "red leather boots, warm", "questions": questions}
    return client.post("/v1/systemone", json=body).json()["answers"]


def test_the_official_client_reads_what_predict_says(client: TestClient) -> None:
    texts = ["red leather boots", "a bag"]
    predicted = client.post("/v1/projects/goods/predict", json={"texts": texts}).json()
    with openai.OpenAI(base_url="http://testserver/v1", api_key="x", http_client=client) as official:
        for text, prediction in zip(texts, predicted, strict=True):
            decision = official.decisions.create(
                model="goods",
                input=text,
                questions=[
                    {"type": "choice", "instructions": "", "choices": [{"value": "bags"}, {"value": "shoes"}]},
                    {"type": "predicate", "name": "tag:warm", "instructions": ""},
                ],
            )
            answer = decision.answers[0]
            assert answer.choice == prediction["category"]
            shares = {p.value: p.probability for p in answer.probabilities}
            assert shares == pytest.approx(prediction["probabilities"])
            assert decision.answers[1].type == "predicate"


def test_some_options_share_what_is_theirs_and_strangers_get_nothing(client: TestClient) -> None:
    (answer,) = _decide(client, _choice("bags", "hats", True))
    assert answer["probabilities"] == [
        {"value": "bags", "probability": 1.0},
        {"value": "hats", "probability": 0.0},
        {"value": True, "probability": 0.0},
    ]
    assert (answer["name"], answer["choice"], answer["confidence"]) == ("category", "bags", 1.0)


def test_confidence_is_the_distance_from_chance(client: TestClient) -> None:
    answer = _systemone(client, {"x": {"type": "choice", "criteria": {"shoes": None, "bags": "of leather"}}})["x"]
    assert answer["probabilities"] == pytest.approx({"shoes": 0.9, "bags": 0.1})
    assert answer["confidence"] == pytest.approx(0.8)


def test_tags_are_asked_by_name_with_or_without_their_category(client: TestClient) -> None:
    asked = {"tag:warm": {"type": "noul"}, "shoes/light": {"type": "noul"}, "bags/light": {"type": "noul"}}
    assert _systemone(client, asked, "tagged") == {
        "tag:warm": {"type": "noul", "noul": 0.8},
        "shoes/light": {"type": "noul", "noul": 0.1},
        "bags/light": {"type": "noul", "noul": 0.1},
    }


@pytest.mark.parametrize("name", ["tag:heavy", "bags/warm", "hats/warm", "warm", "", None])
def test_what_the_model_knows_nothing_of_is_refused(client: TestClient, name: str | None) -> None:
    question = {"type": "predicate", "name": name, "instructions": "is it so?"}
    assert _decide(client, question, model="tagged") == [{"name": name, "type": "refusal"}]


def test_other_questions_are_answered_beside_a_refusal(client: TestClient) -> None:
    score = {"type": "score", "instructions": "how good?", "levels": [{"label": "bad"}, {"label": "good"}]}
    answers = _decide(client, score, _choice("hats", "coats"), _choice("shoes", "bags"))
    assert [answer["type"] for answer in answers] == ["refusal", "refusal", "choice"]


def test_messages_are_joined_to_one_text(client: TestClient) -> None:
    content = [{"type": "input_text", "text": "red leather boots"}]
    body = {"model": "goods", "input": [{"role": "user", "content": content}, {"role": "user", "content": "new"}]}
    answers = client.post("/v1/decisions", json={**body, "questions": [_choice("shoes", "bags")]}).json()["answers"]
    assert answers[0]["choice"] == "shoes"


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"model": "nix"}, 404, "no project 'nix'"),
        ({"input": " "}, 422, "texts[0]: the text is empty"),
        ({"input": 5}, 422, "input: Input should be a valid string"),
        ({"questions": []}, 422, "questions: List should have at least 1 item"),
        ({"questions": [{"type": "essay"}]}, 422, "questions[0].type: Input should be 'choice', 'predicate' or"),
        ({"questions": [_choice("a", "a")]}, 422, "questions: an option is given twice in one choice: 'a'"),
    ],
)
def test_what_is_wrong_is_one_line(client: TestClient, change: dict[str, Any], status: int, told: str) -> None:
    body = {"model": "goods", "input": "boots", "questions": [_choice("shoes", "bags")], **change}
    response = client.post("/v1/decisions", json=body)
    assert response.status_code == status
    assert response.json()["detail"].startswith(told)
