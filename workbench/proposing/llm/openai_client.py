"""The official OpenAI client behind `Endpoint.fetch`: raw responses, so that any server's answer is judged here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.proposing.llm.endpoint import Response, UnreachedError, seconds

# The client insists on a key; servers of one's own ask for none.
_NO_KEY = "none"


def make_client(*, base_url: str, api_key: str, timeout: float) -> Any:
    """An `openai.OpenAI`. Retrying is ours, so that all three APIs do it alike."""
    import openai

    return openai.OpenAI(base_url=base_url, api_key=api_key or _NO_KEY, timeout=timeout, max_retries=0)


def send(call: Callable[[], Any]) -> Response:
    """Make a `with_raw_response` call; raises UnreachedError where nothing came back."""
    import openai

    try:
        raw = call()
    except openai.APIConnectionError as error:
        raise UnreachedError(str(error.__cause__ or error) or type(error).__name__) from error
    except openai.APIStatusError as error:
        retry_after = seconds(error.response.headers.get("retry-after"))
        return Response(status=error.status_code, text=error.response.text, retry_after=retry_after)
    return Response(status=raw.status_code, text=raw.text)
