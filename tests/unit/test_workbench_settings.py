from __future__ import annotations

import pytest

from db.errors import UserError
from workbench.settings import LlmApi, allowed_hosts, is_loopback, load_workbench_settings


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_only_this_machines_own_names_are_answered(host: str) -> None:
    assert is_loopback(host)
    assert allowed_hosts(host) == ["127.0.0.1", "localhost", "[::1]"]
    assert allowed_hosts("127.0.0.53")[-1] == "127.0.0.53"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "localhost.evil.test", ""])
def test_a_service_that_is_open_to_others_answers_to_any_name_unless_they_are_set(host: str) -> None:
    assert not is_loopback(host)
    assert allowed_hosts(host) == ["*"]
    assert allowed_hosts(host, ["labels.shop.example"])[-1] == "labels.shop.example"
    assert "*" not in allowed_hosts(host, ["labels.shop.example"])
    assert (f"[{host}]" if ":" in host else host) in allowed_hosts(host, ["labels.shop.example"])


def test_hosts_and_proxies_are_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ALLOWED_HOSTS", "labels.shop.example, *.shop.example,")
    monkeypatch.setenv("WORKBENCH_TRUSTED_PROXIES", "10.0.0.7,172.16.0.0/12,fd00::/8")
    settings = load_workbench_settings()
    assert settings.host_names == ["labels.shop.example", "*.shop.example"]
    assert settings.proxies == ["10.0.0.7", "172.16.0.0/12", "fd00::/8"]


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
        ("WORKBENCH_SESSION_IDLE_HOURS", "0"),
        ("WORKBENCH_SESSION_MAX_DAYS", "400"),
        ("WORKBENCH_ALLOWED_HOSTS", "shop.example:7860"),
        ("WORKBENCH_ALLOWED_HOSTS", "*"),
        ("WORKBENCH_ALLOWED_HOSTS", "https://shop.example"),
        ("WORKBENCH_TRUSTED_PROXIES", "*"),
        ("WORKBENCH_TRUSTED_PROXIES", "proxy"),
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
