"""What `workbench up` runs, and where each part listens."""

from __future__ import annotations

import pytest

from db.settings import load_settings
from workbench.processes.part import parts_of
from workbench.settings import load_workbench_settings

ALL = ("ui", "api", "worker", "mlflow")


def test_mlflows_pages_stay_on_this_machine_whatever_the_others_listen_on() -> None:
    parts = parts_of(load_settings(), load_workbench_settings(), host="0.0.0.0", names=ALL)
    assert {part.name: part.host for part in parts} == {
        "ui": "0.0.0.0",
        "api": "0.0.0.0",
        "worker": "",
        "mlflow": "127.0.0.1",
    }


def test_an_mlflow_server_elsewhere_is_not_started_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_MLFLOW_URI", "http://mlflow.example:5000")
    parts = parts_of(load_settings(), load_workbench_settings(), host=None, names=ALL)
    assert [part.name for part in parts] == ["ui", "api", "worker"]
