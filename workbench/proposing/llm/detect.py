"""Which asker speaks to the configured model; `auto` asks the endpoint one tiny question in each API's shape."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from db.errors import UserError
from workbench.proposing.llm.chat import ChatAsker
from workbench.proposing.llm.decisions import DecisionsAsker
from workbench.proposing.llm.endpoint import Endpoint, NotServedError
from workbench.proposing.llm.local import LocalAsker
from workbench.proposing.llm.questions import Asker, Choice, Option, RefusedError, UnreadableError
from workbench.proposing.llm.systemone import SystemOneAsker
from workbench.settings import LlmApi, WorkbenchSettings

# Decision models first: their probabilities are what thresholds and queues need.
_ORDER = (LlmApi.DECISIONS, LlmApi.SYSTEMONE, LlmApi.CHAT)
_PROBE = Choice(key="probe", instructions="Is the text a greeting?", options=(Option("yes"), Option("no")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An asker and, in one line, what it speaks to and why."""

    asker: Asker
    line: str


def find_asker(
    settings: WorkbenchSettings,
    *,
    votes: int = 1,
    rationale: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Found:
    """The asker for these settings. Calls the endpoint only where the API is `auto`; raises UserError."""
    if settings.local_model is not None:
        line = f"llm: {settings.local_model} in this process, by transformers' decision pipeline"
        return Found(asker=LocalAsker(model=settings.local_model), line=line)
    if settings.llm_api is not LlmApi.AUTO:
        asker = make_asker(settings, settings.llm_api, votes=votes, rationale=rationale, sleep=sleep)
        return Found(asker=asker, line=_line(settings, settings.llm_api, "as WORKBENCH_LLM_API says"))
    return _probed(settings, votes=votes, rationale=rationale, sleep=sleep)


def make_asker(
    settings: WorkbenchSettings,
    api: LlmApi,
    *,
    votes: int = 1,
    rationale: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Asker:
    """An asker for one API (not `auto`); calls nothing."""
    if api is LlmApi.CHAT:
        return make_chat(settings, votes=votes, rationale=rationale, sleep=sleep)
    kind = DecisionsAsker if api is LlmApi.DECISIONS else SystemOneAsker
    key = settings.llm_api_key.get_secret_value()
    return kind(endpoint=_endpoint(settings, sleep), api_key=key, timeout=settings.llm_timeout)


def make_chat(
    settings: WorkbenchSettings,
    *,
    votes: int = 1,
    rationale: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> ChatAsker:
    """The configured model as a chat model; calls nothing."""
    return ChatAsker(
        endpoint=_endpoint(settings, sleep),
        api_key=settings.llm_api_key.get_secret_value(),
        timeout=settings.llm_timeout,
        votes=votes,
        rationale=rationale,
    )


def _endpoint(settings: WorkbenchSettings, sleep: Callable[[float], None]) -> Endpoint:
    return Endpoint(base_url=settings.llm_base_url, model=settings.llm_model, sleep=sleep)


def _probed(settings: WorkbenchSettings, *, votes: int, rationale: bool, sleep: Callable[[float], None]) -> Found:
    refused: list[str] = []
    for api in _ORDER:
        asker = make_asker(settings, api, votes=votes, rationale=rationale, sleep=sleep)
        try:
            asker.ask("hello", [_PROBE])
        except (RefusedError, UnreadableError) as error:
            refused.append(f"{api.value}: {error}")
            asker.close()
        except NotServedError:
            refused.append(f"{api.value}: not served")
            asker.close()
        except UserError:
            asker.close()
            raise
        else:
            return Found(asker=asker, line=_line(settings, api, "as it answered when asked"))
    raise UserError(
        f"WORKBENCH_LLM_BASE_URL={settings.llm_base_url} with WORKBENCH_LLM_MODEL={settings.llm_model} answers in no "
        f"API known here ({'; '.join(refused)})"
    )


def _line(settings: WorkbenchSettings, api: LlmApi, why: str) -> str:
    return f"llm: {settings.llm_model} at {settings.llm_base_url} by the {api.value} API, {why}"
