"""Addresses that pages show or link to: where browsers find things, and never a password."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.settings import load_settings
from workbench.settings import load_workbench_settings
from workbench.wiring import Workbench


def pages(engine: Engine) -> str:
    return Workbench(settings=load_settings(), engine=engine).mlflow_pages


def test_mlflow_is_on_this_machine_where_the_pages_are(sqlite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pages(sqlite) == "http://127.0.0.1:5000"
    monkeypatch.setenv("WORKBENCH_MLFLOW_PORT", "5050")
    assert pages(sqlite) == "http://127.0.0.1:5050"
    monkeypatch.setenv("WORKBENCH_UI_HOST", "0.0.0.0")
    assert pages(sqlite) == "", "others have no way to this machine's loopback"


def test_a_tracking_server_is_linked_without_its_password(sqlite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_MLFLOW_URI", "https://bot:secret@mlflow.shop.example:8443/base/")
    assert pages(sqlite) == "https://mlflow.shop.example:8443/base"
    monkeypatch.setenv("WORKBENCH_MLFLOW_URL", "https://models.shop.example/")
    assert pages(sqlite) == "https://models.shop.example"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ""),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("https://bot:secret@llm.shop.example/v1?key=secret", "https://llm.shop.example/v1"),
    ],
)
def test_the_language_models_address_is_shown_without_secrets(
    monkeypatch: pytest.MonkeyPatch, given: str, shown: str
) -> None:
    monkeypatch.setenv("WORKBENCH_LLM_BASE_URL", given)
    assert load_workbench_settings().llm_address == shown
