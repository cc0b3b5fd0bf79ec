from __future__ import annotations

import pytest

from workbench.proposing.llm.pricing import Price, estimate, price_of, tokens_of
from workbench.proposing.llm.questions import Choice, Option, Usage
from workbench.settings import WorkbenchSettings


@pytest.mark.parametrize("model", ["gpt-6-luna", "openai/gpt-6-luna", "gpt-6-luna-2026-10-06", "GPT-6-Luna"])
def test_a_known_models_price_is_found_under_its_other_names(model: str) -> None:
    settings = WorkbenchSettings(llm_base_url="https://api.test/v1", llm_model=model)
    assert price_of(settings, "chat") == Price(input=0.10, output=0.50)
    assert price_of(settings, "decisions") == Price(input=0.10, output=0.0)


def test_decision_models_charge_for_input_only() -> None:
    settings = WorkbenchSettings(llm_base_url="https://api.test/v1", llm_model="typesafe/jev-1.13")
    assert price_of(settings, "systemone") == Price(input=0.042, output=0.0)


def test_an_unknown_price_is_none_until_the_settings_name_it() -> None:
    unknown = WorkbenchSettings(llm_base_url="https://api.test/v1", llm_model="own")
    assert price_of(unknown, "chat") is None
    named = WorkbenchSettings(llm_base_url="https://api.test/v1", llm_model="own", llm_input_price=2.0)
    assert price_of(named, "chat") == Price(input=2.0, output=0.0)


def test_a_model_in_this_process_costs_nothing() -> None:
    price = price_of(WorkbenchSettings(llm_model="local:gpt-6-luna"), "local")
    assert price is not None
    assert price.of(Usage(input_tokens=10**6, output_tokens=10**6)) == 0.0


def test_costs_are_per_million_tokens() -> None:
    assert Price(input=2.0, output=10.0).of(Usage(input_tokens=500_000, output_tokens=100_000)) == pytest.approx(2.0)


def test_estimates_count_text_questions_and_for_chat_the_answer() -> None:
    question = Choice(key="category", instructions="Which?", options=(Option("a"), Option("b")))
    assert tokens_of("") == 1
    assert tokens_of("платье" * 10) == 30
    decided = estimate([question], api="decisions", rationale=False)
    chatted = estimate([question], api="chat", rationale=True)
    assert decided.output_tokens == 0 < chatted.output_tokens
    assert decided.input_tokens == chatted.input_tokens
