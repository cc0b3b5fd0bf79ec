from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.errors import UserError
from workbench.proposing.llm.endpoint import (
    TRIES,
    Endpoint,
    NotServedError,
    Response,
    UnreachedError,
    message_of,
    seconds,
    usage_of,
)
from workbench.proposing.llm.questions import RefusedError, UnreadableError, Usage


class Line:
    """Plays back responses, None for a connection that failed; notes how long it was waited."""

    def __init__(self, *responses: Response | None) -> None:
        self._responses: Iterator[Response | None] = iter(responses)
        self.waits: list[float] = []
        self.endpoint = Endpoint(base_url="http://llm.test/v1", model="m", sleep=self.waits.append)

    def fetch(self) -> dict[str, object]:
        return self.endpoint.fetch(self._send)

    def _send(self) -> Response:
        response = next(self._responses)
        if response is None:
            raise UnreachedError("connection refused")
        return response


OK = Response(status=200, text='{"ok": 1}')
BUSY = Response(status=429, text="slow down")
BROKEN = Response(status=503, text='{"error": {"message": "overloaded"}}')


def test_passing_trouble_is_waited_out_with_growing_pauses() -> None:
    line = Line(BUSY, BROKEN, None, OK)
    assert line.fetch() == {"ok": 1}
    assert len(line.waits) == 3
    assert line.waits[0] < line.waits[1] < line.waits[2]


def test_the_endpoint_may_say_how_long_to_wait() -> None:
    line = Line(Response(status=429, text="", retry_after=4.0), OK)
    line.fetch()
    assert 3.0 <= line.waits[0] <= 5.0


def test_a_dead_endpoint_is_named_with_its_variable_after_a_few_tries() -> None:
    line = Line(*[None] * TRIES)
    with pytest.raises(UserError, match=r"WORKBENCH_LLM_BASE_URL=http://llm\.test/v1 cannot be reached.*refused"):
        line.fetch()
    assert len(line.waits) == TRIES - 1


def test_a_broken_endpoint_is_named_with_its_own_words() -> None:
    with pytest.raises(UserError, match=r"WORKBENCH_LLM_BASE_URL.*503.*overloaded"):
        Line(*[BROKEN] * TRIES).fetch()


@pytest.mark.parametrize(
    ("status", "expected", "words"),
    [
        (401, UserError, "WORKBENCH_LLM_API_KEY"),
        (403, UserError, "WORKBENCH_LLM_API_KEY"),
        (404, NotServedError, "WORKBENCH_LLM_MODEL"),
        (501, NotServedError, "does not serve"),
        (400, RefusedError, "400: no"),
        (422, RefusedError, "422: no"),
    ],
)
def test_what_waiting_does_not_mend_is_said_at_once(status: int, expected: type[Exception], words: str) -> None:
    line = Line(Response(status=status, text='{"detail": "no"}'))
    with pytest.raises(expected, match=words):
        line.fetch()
    assert line.waits == []


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "null", "{"])
def test_answers_that_are_no_json_object_are_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        Line(Response(status=200, text=text)).fetch()


def test_messages_are_one_short_line() -> None:
    assert message_of(Response(status=400, text='{"error": "two\\nlines"}')) == "two lines"
    assert message_of(Response(status=400, text="")) == "(no message)"
    assert len(message_of(Response(status=400, text="x" * 5000))) == 300


def test_usage_is_read_under_both_names() -> None:
    assert usage_of({"usage": {"input_tokens": 3, "output_tokens": 0}}) == Usage(input_tokens=3)
    assert usage_of({"usage": {"prompt_tokens": 3, "completion_tokens": 4}}) == Usage(input_tokens=3, output_tokens=4)
    assert usage_of({"usage": None}) == Usage()


def test_retry_after_may_be_missing_or_a_date() -> None:
    assert seconds("1.5") == 1.5
    assert seconds(None) is None
    assert seconds("Wed, 21 Oct 2026 07:28:00 GMT") is None
