"""Talking to an endpoint over HTTP: what to try again, what the user can mend, what is one text's fault."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from db.errors import UserError
from workbench.proposing.llm.questions import RefusedError, UnreadableError, Usage

TRIES = 5
# A full queue at the other end clears by waiting; a dead endpoint does not.
TRIES_WHEN_BUSY = 8
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
_RETRIED = frozenset({408, 409, 425, 429})
_FINAL = frozenset({404, 405, 501})
_MESSAGE_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back over HTTP; `retry_after` in seconds where the endpoint named it."""

    status: int
    text: str
    retry_after: float | None = None


class UnreachedError(Exception):
    """No response at all: refused, timed out, cut off."""


class NotServedError(UserError):
    """The endpoint is there, but knows neither this API nor, it may be, the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address with the model behind it, for messages and for the retrying of requests."""

    base_url: str
    model: str
    sleep: Callable[[float], None] = time.sleep

    def fetch(self, send: Callable[[], Response]) -> dict[str, Any]:
        """The JSON object that `send` brings, tried again with exponential backoff while that may help.

        Raises UserError (endpoint down, key or model refused), RefusedError (this request only), UnreadableError (no
        JSON object).
        """
        tried = 0
        while True:
            tried += 1
            try:
                response = send()
            except UnreachedError as error:
                if tried >= TRIES:
                    self._down(f"cannot be reached after {TRIES} tries: {error}")
                self._wait(tried, None)
                continue
            if response.status < 300:
                return json_object(response.text)
            if response.status in _FINAL or (response.status not in _RETRIED and response.status < 500):
                self._refused(response)
            if tried >= (TRIES_WHEN_BUSY if response.status == 429 else TRIES):
                self._down(f"still answers {response.status} after {tried} tries: {message_of(response)}")
            self._wait(tried, response.retry_after)

    def _wait(self, tried: int, retry_after: float | None) -> None:
        delay = min(FIRST_DELAY_S * 2 ** (tried - 1), LONGEST_DELAY_S) if retry_after is None else retry_after
        # Jitter, so that the requests in flight do not all come back at once.
        self.sleep(min(delay, LONGEST_DELAY_S) * random.uniform(0.75, 1.25))  # noqa: S311

    def _down(self, why: str) -> NoReturn:
        raise UserError(f"WORKBENCH_LLM_BASE_URL={self.base_url} {why}")

    def _refused(self, response: Response) -> NoReturn:
        said = message_of(response)
        if response.status in (401, 403):
            raise UserError(f"WORKBENCH_LLM_API_KEY: {self.base_url} answers {response.status}: {said}")
        if response.status in _FINAL:
            raise NotServedError(
                f"WORKBENCH_LLM_BASE_URL={self.base_url} does not serve this API or the model {self.model!r} "
                f"(WORKBENCH_LLM_MODEL): it answers {response.status}: {said}"
            )
        raise RefusedError(f"{response.status}: {said}")


def json_object(text: str) -> dict[str, Any]:
    """Raises UnreadableError for anything but a JSON object."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError("the answer is not JSON" if text.strip() else "the answer is empty") from None
    if not isinstance(body, dict):
        raise UnreadableError("the answer is not a JSON object")
    return body


def message_of(response: Response) -> str:
    """The endpoint's own words in one line, from OpenAI's or FastAPI's shape of an error, or as they are."""
    try:
        body = json.loads(response.text)
    except (ValueError, RecursionError):
        body = response.text
    if isinstance(body, dict):
        body = body.get("error") or body.get("detail") or body
    if isinstance(body, dict):
        body = body.get("message") or body
    said = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return " ".join(sound(said).split())[:_MESSAGE_CHARS] or "(no message)"


def sound(text: str) -> str:
    """What a model or server wrote, fit to be stored and printed: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def usage_of(body: Mapping[str, Any]) -> Usage:
    """Token counts in any of the three APIs' names; zero where they are missing."""
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Usage(
        input_tokens=_count(counts.get("input_tokens", counts.get("prompt_tokens"))),
        output_tokens=_count(counts.get("output_tokens", counts.get("completion_tokens"))),
    )


def seconds(header: str | None) -> float | None:
    """A Retry-After header in seconds; None where absent or a date."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
