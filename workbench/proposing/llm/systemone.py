"""The System One API, `POST …/systemone`, of hosted decision models, gateways and `transformers serve`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from workbench.proposing.llm.endpoint import Endpoint, Response, UnreachedError, seconds, usage_of
from workbench.proposing.llm.questions import (
    Choice,
    Limits,
    Question,
    RefusedError,
    Reply,
    UnreadableError,
    distribution,
    number,
)

# What a plain chat model can answer by its option letters (`transformers serve`), against decision models proper.
LETTERS = 26
_LIMITS = Limits(options=200, questions=64)


class SystemOneAsker:
    """Questions over httpx; the text goes into `state` only, as data."""

    api = "systemone"
    prompt_version = "1"

    def __init__(self, *, endpoint: Endpoint, api_key: str = "", timeout: float = 60.0) -> None:
        self._endpoint = endpoint
        self.model = endpoint.model
        self.limits = _LIMITS
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=timeout, headers=headers)

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        try:
            body = self._endpoint.fetch(lambda: self._send(request(self.model, text, questions)))
        except RefusedError as error:
            largest = max((len(q.options) for q in questions if isinstance(q, Choice)), default=0)
            if largest > LETTERS and "option" in str(error):
                # Told once, remembered: the caller splits the options and asks again.
                self.limits = Limits(options=LETTERS, questions=_LIMITS.questions)
            raise
        return read(body, questions)

    def close(self) -> None:
        self._client.close()

    def _send(self, body: dict[str, Any]) -> Response:
        try:
            response = self._client.post(f"{self._endpoint.base_url}/systemone", json=body)
        except httpx.TransportError as error:
            raise UnreachedError(str(error) or type(error).__name__) from error
        retry_after = seconds(response.headers.get("retry-after"))
        return Response(status=response.status_code, text=response.text, retry_after=retry_after)


def request(model: str, text: str, questions: Sequence[Question]) -> dict[str, Any]:
    return {"model": model, "state": text, "questions": {question.key: written(question) for question in questions}}


def written(question: Question) -> dict[str, Any]:
    if not isinstance(question, Choice):
        return {"type": "noul", "instructions": question.instructions}
    criteria = {option.name: option.description or None for option in question.options}
    return {"type": "choice", "instructions": question.instructions, "criteria": criteria}


def read(body: Mapping[str, Any], questions: Sequence[Question]) -> Reply:
    """A System One response; a question without an answer was refused. Raises UnreadableError."""
    answers = body.get("answers")
    if not isinstance(answers, dict):
        raise UnreadableError("a response without answers")
    choices: dict[str, dict[str, float]] = {}
    yes: dict[str, float] = {}
    for question in questions:
        answer = answers.get(question.key)
        if answer is None or (isinstance(answer, dict) and answer.get("type") == "refusal"):
            continue
        if not isinstance(answer, dict):
            raise UnreadableError(f"{question.key}: not an answer")
        if isinstance(question, Choice):
            choices[question.key] = distribution(_mapped(answer), question.names, question.key)
        else:
            yes[question.key] = number(answer.get("noul"), question.key)
    return Reply(choices=choices, yes=yes, usage=usage_of(body))


def _mapped(answer: Mapping[str, Any]) -> dict[str, float]:
    mapped = answer.get("probabilities")
    if not isinstance(mapped, dict):
        raise UnreadableError("a choice without probabilities")
    return {str(name): number(value, str(name)) for name, value in mapped.items()}
