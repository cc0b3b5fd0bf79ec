"""Any chat endpoint in OpenAI's shape, held to the labels by a JSON schema and a strict reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.proposing.llm import chat_prompt, chat_read
from workbench.proposing.llm.endpoint import Endpoint, sound, usage_of
from workbench.proposing.llm.openai_client import make_client, send
from workbench.proposing.llm.questions import Limits, Question, RefusedError, Reply, UnreadableError

# For votes to differ, the model has to be allowed to.
VOTING_TEMPERATURE = 0.7


class ChatAsker:
    """Labels by `POST …/chat/completions`. The confidence is what the model states, unlike a decision model's."""

    api = "chat"
    limits = Limits(options=200, questions=60)

    def __init__(
        self, *, endpoint: Endpoint, api_key: str = "", timeout: float = 60.0, votes: int = 1, rationale: bool = False
    ) -> None:
        self._endpoint = endpoint
        self.model = endpoint.model
        self.prompt_version = f"{chat_prompt.VERSION}{'+rationale' if rationale else ''}{'+votes' if votes > 1 else ''}"
        self._rationale = rationale
        self._client = make_client(base_url=endpoint.base_url, api_key=api_key, timeout=timeout)
        self._optional: dict[str, Any] = {"temperature": VOTING_TEMPERATURE if votes > 1 else 0.0}
        self._schemas = True

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        body = self._fetch(
            chat_prompt.messages(text, questions, rationale=self._rationale, attempt=attempt),
            chat_prompt.schema(questions, rationale=self._rationale),
        )
        content, refused = _message(body)
        if refused:
            return Reply(usage=usage_of(body))
        try:
            choices, yes, why = chat_read.read(content, questions)
        except UnreadableError as error:
            raise UnreadableError(str(error), usage_of(body)) from error
        return Reply(choices=choices, yes=yes, usage=usage_of(body), rationale=why if self._rationale else "")

    def write(self, messages: list[dict[str, str]]) -> str:
        """Free text, for explanations. Raises UnreadableError when nothing was written."""
        content, refused = _message(self._fetch(messages, None))
        if refused or not content.strip():
            raise UnreadableError("the model gave no explanation")
        return sound(content).strip()

    def close(self) -> None:
        self._client.close()

    def _fetch(self, messages: list[dict[str, str]], schema: dict[str, Any] | None) -> dict[str, Any]:
        create = self._client.chat.completions.with_raw_response.create
        while True:
            extra = dict(self._optional)
            if schema is not None and self._schemas:
                format_ = {"name": "labels", "strict": True, "schema": schema}
                extra["response_format"] = {"type": "json_schema", "json_schema": format_}
            try:
                return self._endpoint.fetch(
                    lambda extra=extra: send(lambda: create(model=self.model, messages=messages, **extra))  # type: ignore[misc]
                )
            except RefusedError as error:
                if not self._without(str(error), extra):
                    raise

    def _without(self, complaint: str, sent: dict[str, Any]) -> bool:
        """Give up the optional parameter the server complains of; False when it complains of something else."""
        if "temperature" in complaint and "temperature" in sent:
            self._optional = {}
            return True
        if "response_format" in sent and ("response_format" in complaint or "schema" in complaint):
            self._schemas = False
            return True
        return False


def _message(body: dict[str, Any]) -> tuple[str, bool]:
    """(content, refused) of the first choice; raises UnreadableError for a body that is no chat completion."""
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        raise UnreadableError("not a chat completion")
    refused = bool(message.get("refusal")) or first.get("finish_reason") == "content_filter"
    content = message.get("content")
    return content if isinstance(content, str) else "", refused
