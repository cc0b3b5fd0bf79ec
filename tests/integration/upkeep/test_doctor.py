"""The doctor on installations that are well, ill in one place each, and empty."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.engine import writing
from workbench.upkeep import doctor
from workbench.upkeep.findings import State

from .conftest import PROJECT, Installation

Look = Callable[..., list[str]]


def test_a_trained_installation_is_well_but_for_a_worker(shop: Installation) -> None:
    done = shop.run("workbench.cli", "doctor", "--json")
    said = json.loads(done.stdout)
    assert said["healthy"] is True
    by_check = {finding["check"]: finding for finding in said["findings"] if finding["state"] != "ok"}
    assert by_check.keys() <= {"worker", "disk", "packages", "ports"}
    assert by_check["worker"]["advice"] == "workbench worker, or workbench up"


def test_a_champion_without_its_files_is_a_problem_and_says_how_to_go_on(shop: Installation) -> None:
    shutil.rmtree(shop.home / "mlruns" / "artifacts" / "models")
    done = shop.run("workbench.cli", "doctor", expect=1)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("problem champions: ")]
    assert f"{PROJECT}: " in line
    assert f"workbench rollback --project {PROJECT}" in line
    assert f"warning mlflow: model {PROJECT!r} version 2" in done.stdout


def test_in_a_new_home_nothing_is_a_problem_and_nothing_is_made(
    home: Path, free: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, port in free.items():
        monkeypatch.setenv(f"WORKBENCH_{name.upper()}", str(port))
    findings = doctor.examine()
    assert max(finding.state for finding in findings) is State.WARNING
    assert not [finding for finding in findings if finding.check in ("users", "worker", "champions")]
    assert list(home.iterdir()) == []


def test_no_secret_is_ever_printed(home: Path, monkeypatch: pytest.MonkeyPatch, serving: Any) -> None:
    address = serving(200, {"data": [{"id": "m"}]}).replace("http://", "http://ann:hush1@")
    for name, value in {
        "WORKBENCH_LLM_BASE_URL": address,
        "WORKBENCH_LLM_MODEL": "other",
        "WORKBENCH_LLM_API_KEY": "hush2",
        "WORKBENCH_DATABASE_URL": "postgresql://ann:hush3@127.0.0.1:1/none",
        "WORKBENCH_MLFLOW_URI": "postgresql://ann:hush4@127.0.0.1:1/none",
    }.items():
        monkeypatch.setenv(name, value)
    findings = doctor.examine()
    assert "hush" not in json.dumps([[finding.text, finding.advice, finding.line] for finding in findings])
    assert [f.check for f in findings if f.state is State.PROBLEM] == ["database", "mlflow"]


def test_an_old_database_is_not_asked_what_only_a_new_one_knows(sqlite: Engine) -> None:
    with writing(sqlite) as session:
        session.connection().exec_driver_sql("DROP TABLE workers")
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    assert "worker" not in {finding.check for finding in doctor.examine()}
