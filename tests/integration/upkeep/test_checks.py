"""Each check of the doctor on what is well and what is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from db.engine import writing
from db.imports import start_import
from db.migrate import newest_revision
from db.projects import create_project
from db.settings import Settings
from db.tables import ImportRow, UserRow, WorkerRow, utcnow
from db.types import Kind, Role
from db.users import create_user
from db.workers import say_alive
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest
from workbench.jobs.job import JobKind
from workbench.jobs.store import open_jobs
from workbench.settings import WorkbenchSettings
from workbench.upkeep.checks import database, machine, models, services
from workbench.upkeep.findings import Check, Patient

Look = Callable[..., list[str]]


@pytest.fixture
def look(home: Path) -> Look:
    """What a check says of the test's home, with these settings of our own or of the database."""

    def lines(check: Check, **settings: Any) -> list[str]:
        below = {key: settings.pop(key) for key in list(settings) if key in Settings.model_fields}
        patient = Patient(Settings(home=home, **below), WorkbenchSettings(**settings))
        found = list(check(patient))
        if "engine" in vars(patient):
            patient.engine.dispose()
        return [f"{finding.state.name} {finding.text} — {finding.advice}" for finding in found]

    return lines


# The machine


def test_packages_that_are_missing_or_other_than_tested_are_named(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(machine.packages)[0].startswith("OK feedback-workbench ")
    monkeypatch.setattr(machine, "tested_versions", lambda: {"numpy": "0.1", "torch": "0.2", "not-installed": "1"})
    (line,) = look(machine.packages)
    assert line.startswith("WARNING not the tested versions: numpy ")
    assert "torch" in line
    assert "not-installed" not in line
    monkeypatch.setattr(machine, "requires", lambda _name: ["numpy>=99", "not-installed", "x; python_version<'3'"])
    (line,) = look(machine.packages)
    assert line.startswith("PROBLEM numpy ")
    assert "needed >=99; not-installed is missing —" in line


def test_the_tested_versions_are_read_from_the_constraints() -> None:
    assert machine.tested_versions()["torch"] == "2.13.0"


def test_a_build_of_torch_for_other_hardware_is_the_tested_version(monkeypatch: pytest.MonkeyPatch, look: Look) -> None:
    monkeypatch.setattr(machine, "_version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(machine, "tested_versions", lambda: {"torch": "2.13.0"})
    monkeypatch.setattr(machine, "requires", lambda _name: [])
    assert look(machine.packages)[0].startswith("OK")


def test_an_old_python_and_a_full_disk_are_problems(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.sys, "version_info", (3, 10, 1))
    assert look(machine.python)[0].startswith("PROBLEM")
    for free_bytes, state in ((10 * 2**20, "PROBLEM"), (2**30, "WARNING"), (2**40, "OK")):
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path, free=free_bytes: type("U", (), {"free": free}))
        assert look(machine.disk)[0].startswith(state)


def test_a_home_that_cannot_be_written_is_a_problem(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(machine.home)[0].startswith("OK")

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuse)
    assert look(machine.home)[0].startswith("PROBLEM")


@pytest.mark.usefixtures("sqlite")
def test_a_database_that_others_can_read_is_warned_of(look: Look, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "data").chmod(0o700)
    assert look(machine.permissions)[0].startswith("OK")
    monkeypatch.setattr(machine, "_others_reach", lambda _file: True)
    assert look(machine.permissions)[0].endswith(f"chmod 700 {home / 'data'}")


# The database


@pytest.mark.usefixtures("sqlite")
def test_a_database_at_another_migration_is_said_so(look: Look, home: Path) -> None:
    assert look(database.database)[0].startswith("OK")
    for revision, state in (("0001", "WARNING"), ("9999", "PROBLEM")):
        with sqlite3.connect(home / "data" / "workbench.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.close()
        (line,) = look(database.database)
        assert line.startswith(state)
        assert revision in line
    assert newest_revision() < "9999"


@pytest.mark.usefixtures("sqlite")
def test_a_damaged_database_and_rows_that_point_nowhere_are_problems(look: Look, home: Path) -> None:
    assert look(database.integrity) == ["OK workbench is sound — "]
    with sqlite3.connect(home / "data" / "workbench.db") as connection:
        connection.execute(
            "INSERT INTO imports (project_id, file, cleaning, counts, process, started_at) "
            "VALUES (77, 'f', '[]', '{}', '', '2026-01-01')"
        )
    connection.close()
    (line,) = look(database.integrity)
    assert line.startswith("PROBLEM")
    assert "1 rows of imports point nowhere" in line


def test_an_import_that_never_ended_is_warned_of(look: Look, sqlite: Engine) -> None:
    with writing(sqlite) as session:
        project = create_project(session, "shop", Kind.CATEGORY)
        start_import(session, project, file="rows.csv")
    assert look(database.imports) == ["OK none left unfinished — "]
    with writing(sqlite) as session:
        session.execute(update(ImportRow).values(seen_at=utcnow() - timedelta(hours=1)))
    assert look(database.imports)[0].startswith("WARNING 'rows.csv' into 'shop' never ended")


def test_the_clock_is_held_against_the_newest_answer(
    look: Look, sqlite: Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "f.csv").write_text("text,label\nboots,shoes\n")
    request = ImportRequest(path=home / "f.csv", project="shop", kind=Kind.CATEGORY, labels_column="label", by="ann")
    import_file(sqlite, request, home=home)
    assert look(database.clock)[0].startswith("OK")
    monkeypatch.setattr(database, "utcnow", lambda: utcnow() - timedelta(hours=1))
    assert look(database.clock)[0].startswith("WARNING the newest answer is of")


# What answers


def test_an_mlflow_server_is_asked_whether_it_is_well(look: Look, serving: Any, free: dict[str, int]) -> None:
    assert look(models.mlflow, mlflow_uri=serving(200, "OK"))[0].startswith("OK")
    assert look(models.mlflow, mlflow_uri=serving(500, "no"))[0].startswith("PROBLEM")
    assert look(models.mlflow, mlflow_uri=f"http://127.0.0.1:{free['ui_port']}")[0].startswith("PROBLEM")


def test_an_embedder_is_looked_for_in_a_folder_and_in_the_cache(look: Look, home: Path) -> None:
    assert look(models.embedder)[0].startswith("OK LSA")
    assert look(models.embedder, embedder=str(home))[0].startswith("OK")
    (line,) = look(models.embedder, embedder="nobody/none")
    assert "nobody/none is neither a folder nor in the cache" in line


def test_a_zero_shot_model_is_looked_for_and_one_that_cannot_compare_is_a_problem(look: Look, tmp_path: Path) -> None:
    assert look(models.zero_shot)[0].startswith("OK none set up")
    assert "nobody/none is neither" in look(models.zero_shot, zero_shot_model="nobody/none")[0]
    config = tmp_path / "config.json"
    config.write_text('{"id2label": {"0": "contradiction", "1": "entailment"}}', encoding="utf-8")
    assert look(models.zero_shot, zero_shot_model=str(tmp_path))[0].startswith("OK")
    config.write_text('{"model_type": "xlm-roberta"}', encoding="utf-8")
    (line,) = look(models.zero_shot, zero_shot_model=str(tmp_path))
    assert line.startswith("PROBLEM")
    assert "has no NLI head" in line


@pytest.mark.parametrize(
    ("status", "model", "words"),
    [
        (200, "m", "OK"),
        (200, "other", "WARNING"),
        (200, "", "PROBLEM"),
        (401, "m", "the key is refused"),
        (500, "m", "it answers 500"),
    ],
)
def test_a_language_model_is_asked_only_what_it_serves(
    look: Look, serving: Any, status: int, model: str, words: str
) -> None:
    address = serving(status, {"data": [{"id": "m"}]})
    (line,) = look(models.language_model, llm_base_url=f"{address}/v1", llm_model=model, llm_api_key="hush")
    assert words in line
    assert "hush" not in line


def test_without_a_language_model_all_is_well_and_a_silent_one_is_a_problem(look: Look, free: dict[str, int]) -> None:
    assert look(models.language_model)[0].startswith("OK none set up")
    silent = f"http://127.0.0.1:{free['ui_port']}/v1"
    assert look(models.language_model, llm_base_url=silent, llm_model="m")[0].startswith("PROBLEM")
    assert look(models.language_model, llm_model="m")[0].startswith("WARNING")
    assert "nobody/none" in look(models.language_model, llm_model="local:nobody/none")[0]


# What runs


def test_pages_without_users_are_a_problem_only_where_others_reach_them(look: Look, sqlite: Engine) -> None:
    assert look(services.users)[0].startswith("OK none")
    (line,) = look(services.users, ui_host="0.0.0.0")
    assert line.startswith("PROBLEM")
    assert line.endswith("workbench users add NAME --role admin")
    with writing(sqlite) as session:
        create_user(session, "anna", Role.ADMIN, "hash")
        create_user(session, "boris", Role.ANNOTATOR, "hash")
    assert look(services.users, ui_host="0.0.0.0")[0].startswith("OK 1 admin, 1 annotator")
    with writing(sqlite) as session:
        session.execute(update(UserRow).where(UserRow.name == "anna").values(active=False))
    assert look(services.users)[0].startswith("WARNING none of them is an admin")


def test_ports_are_free_ours_or_somebody_elses(look: Look, serving: Any, free: dict[str, int]) -> None:
    assert all(line.startswith("OK") for line in look(services.ports, **free))
    port = int(serving(200, "OK").rpartition(":")[2])
    other = int(serving(404, "no").rpartition(":")[2])
    ui, api, _ = look(services.ports, **free | {"ui_port": port, "api_port": other})
    assert ui.startswith(f"OK ui answers on {port}")
    assert api.startswith(f"PROBLEM something that is not api holds {other}")


def test_jobs_that_wait_for_nobody_are_a_problem(look: Look, sqlite: Engine, home: Path) -> None:
    assert look(services.worker)[0].startswith("WARNING none runs")
    assert not (home / "data" / "jobs.db").exists()
    with writing(sqlite) as session:
        create_project(session, "shop", Kind.CATEGORY)
    with open_jobs(Settings(home=home)) as jobs:
        jobs.add(JobKind.RESCORE, "shop")
    (line,) = look(services.worker)
    assert line.startswith("PROBLEM none runs; jobs that wait: 1")
    with writing(sqlite) as session:
        say_alive(session, "here:1")
    assert look(services.worker)[0].startswith("OK 1 at work; open jobs: 1")
    with writing(sqlite) as session:
        session.execute(update(WorkerRow).values(seen_at=utcnow() - timedelta(hours=1)))
    assert look(services.worker)[0].startswith("PROBLEM")
