"""OpenAI's `POST /v1/decisions`: predicates and choices, a probability for every option, no prose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.proposing.llm.endpoint import Endpoint, usage_of
from workbench.proposing.llm.openai_client import make_client, send
from workbench.proposing.llm.questions import Choice, Limits, Question, Reply, UnreadableError, distribution, number


class DecisionsAsker:
    """Questions by the official client; the text goes into `input` only, as data."""

    api = "decisions"
    prompt_version = "1"
    # The API's own are 255 options and 400 questions; gateways in its shape take 208 options (Fireworks).
    limits = Limits(options=200, questions=100)

    def __init__(self, *, endpoint: Endpoint, api_key: str = "", timeout: float = 60.0) -> None:
        self._endpoint = endpoint
        self.model = endpoint.model
        self._client = make_client(base_url=endpoint.base_url, api_key=api_key, timeout=timeout)

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        create = self._client.decisions.with_raw_response.create
        written = [_written(question) for question in questions]
        body = self._endpoint.fetch(lambda: send(lambda: create(model=self.model, input=text, questions=written)))
        return _read(body, questions)

    def close(self) -> None:
        self._client.close()


def _written(question: Question) -> dict[str, Any]:
    if not isinstance(question, Choice):
        return {"type": "predicate", "name": question.key, "instructions": question.instructions}
    choices = [
        {"value": option.name, "description": option.description} if option.description else {"value": option.name}
        for option in question.options
    ]
    return {"type": "choice", "name": question.key, "instructions": question.instructions, "choices": choices}


def _read(body: dict[str, Any], questions: Sequence[Question]) -> Reply:
    answers = body.get("answers")
    if not isinstance(answers, list) or len(answers) != len(questions):
        raise UnreadableError(f"expected {len(questions)} answers")
    choices: dict[str, dict[str, float]] = {}
    yes: dict[str, float] = {}
    # Answers come in the order of the questions; names are optional in the API.
    for question, answer in zip(questions, answers, strict=True):
        kind = answer.get("type") if isinstance(answer, dict) else None
        if kind == "refusal":
            continue
        if isinstance(question, Choice) and kind == "choice":
            choices[question.key] = distribution(_listed(answer), question.names, question.key)
        elif not isinstance(question, Choice) and kind == "predicate":
            yes[question.key] = number(answer.get("probability"), question.key)
        else:
            raise UnreadableError(f"{question.key}: an answer of type {kind!r}")
    return Reply(choices=choices, yes=yes, usage=usage_of(body))


def _listed(answer: dict[str, Any]) -> dict[str, float]:
    listed = answer.get("probabilities")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise UnreadableError("a choice without probabilities")
    return {str(entry.get("value")): number(entry.get("probability"), str(entry.get("value"))) for entry in listed}
