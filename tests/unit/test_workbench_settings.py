from __future__ import annotations

import pytest

from db.errors import UserError
from workbench.settings import LlmApi, allowed_hosts, load_workbench_settings


def test_on_loopback_only_this_machines_own_names_are_answered() -> None:
    assert allowed_hosts("127.0.0.1") == allowed_hosts("localhost") == ["127.0.0.1", "localhost"]
    assert allowed_hosts("0.0.0.0") == ["*"]


def test_defaults_are_loopback_and_no_language_model() -> None:
    settings = load_workbench_settings()
    assert (settings.ui_host, settings.ui_port, settings.api_port) == ("127.0.0.1", 7860, 8000)
    assert settings.llm_api is LlmApi.AUTO
    assert settings.missing_for_llm == "WORKBENCH_LLM_BASE_URL"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKBENCH_LLM_BASE_URL", "127.0.0.1:8080"),
        ("WORKBENCH_LLM_BASE_URL", "ftp://host"),
        ("WORKBENCH_LLM_API", "responses"),
        ("WORKBENCH_UI_PORT", "70000"),
        ("WORKBENCH_API_PORT", "http"),
        ("WORKBENCH_LLM_CONCURRENCY", "0"),
        ("WORKBENCH_LLM_INPUT_PRICE", "-1"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=name) as raised:
        load_workbench_settings()
    assert value in str(raised.value)
    assert "\n" not in str(raised.value)


def test_addresses_lose_their_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LLM_BASE_URL", "http://127.0.0.1:8080/v1/ ")
    monkeypatch.setenv("WORKBENCH_LLM_MODEL", "m")
    settings = load_workbench_settings()
    assert settings.llm_base_url == "http://127.0.0.1:8080/v1"
    assert settings.missing_for_llm is None


def test_a_local_model_needs_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LLM_MODEL", "local:Qwen/Qwen3-0.6B")
    settings = load_workbench_settings()
    assert settings.local_model == "Qwen/Qwen3-0.6B"
    assert settings.missing_for_llm is None


def test_a_key_never_appears_in_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LLM_API_KEY", "sk-secret")
    settings = load_workbench_settings()
    assert "sk-secret" not in repr(settings)
    assert settings.llm_api_key.get_secret_value() == "sk-secret"
