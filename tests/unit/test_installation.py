"""What an installation says of itself."""

from __future__ import annotations

import pytest

from db.settings import load_settings
from workbench.installation import installation
from workbench.settings import load_workbench_settings


def test_neither_keys_nor_passwords_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", "postgresql://ann:geheim@db/test")
    monkeypatch.setenv("WORKBENCH_MLFLOW_URI", "http://ann:geheim@mlflow:5000")
    monkeypatch.setenv("WORKBENCH_LLM_API_KEY", "sk-geheim")
    shown = installation(load_settings(), load_workbench_settings())
    assert "geheim" not in str(shown)
    assert shown["WORKBENCH_LLM_API_KEY"]
    assert "@db/test" in shown["WORKBENCH_DATABASE_URL"]


def test_what_is_not_set_is_empty() -> None:
    shown = installation(load_settings(), load_workbench_settings())
    assert shown["WORKBENCH_LLM_MODEL"] == shown["WORKBENCH_LLM_API_KEY"] == ""
