"""What the worker does for imports and changes of champion: again after a kill, never over somebody else's change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.audit import acting_for, list_changes
from db.engine import reading, writing
from db.errors import ConflictError, UserError
from db.projects import create_project, get_project
from db.promotions import Promotion, save_promotion
from db.records import count_records
from db.settings import load_settings
from db.types import Kind
from workbench.handlers import Handlers
from workbench.jobs.job import JobKind
from workbench.jobs.work import Run
from workbench.wiring import Workbench


@pytest.fixture
def workbench(engine: Engine) -> Workbench:
    return Workbench(settings=load_settings(), engine=engine)


@pytest.fixture
def uploads(home: Path) -> Path:
    folder = home / "data" / "uploads"
    folder.mkdir(parents=True)
    return folder


def a_run(options: dict[str, Any], *, cancelled: Callable[[], bool] = lambda: False, project: str = "p") -> Run:
    told: list[Any] = []
    return Run(
        job_id="j1",
        project=project,
        options=options,
        by="anna",
        report=lambda *progress: told.append(progress),
        cancelled=cancelled,
        log=told.append,
    )


def records(engine: Engine) -> int:
    with reading(engine) as session:
        return count_records(session, get_project(session, "p"))


def test_an_upload_is_imported_for_who_sent_it_and_taken_away(workbench: Workbench, uploads: Path) -> None:
    (uploads / "a1.csv").write_text("text,label\nплатье,одежда\n,обувь\nсапоги,обувь\n", encoding="utf-8")
    options = {"path": "a1.csv", "name": "отзывы.csv", "kind": "category", "labels_column": "label", "by": "vendor"}
    result = Handlers(workbench).import_upload(a_run(options))
    assert (result["rows"], result["accepted"], result["rejected"], result["annotations"]) == (3, 2, 1, 2)
    assert result["rejected_file"] == "a1.csv.rejected.csv"
    assert sorted(path.name for path in uploads.iterdir()) == ["a1.csv.rejected.csv"]
    assert records(workbench.engine) == 2
    with reading(workbench.engine) as session:
        assert {change.person for change in list_changes(session)} == {"anna"}


def test_a_cancelled_import_brings_nothing_and_keeps_the_file(workbench: Workbench, uploads: Path) -> None:
    with writing(workbench.engine) as session:
        create_project(session, "p", Kind.CATEGORY)
    (uploads / "a1.csv").write_text("text\nплатье\n", encoding="utf-8")
    result = Handlers(workbench).import_upload(a_run({"path": "a1.csv"}, cancelled=lambda: True))
    assert result == {"cancelled": True}
    assert records(workbench.engine) == 0
    assert (uploads / "a1.csv").exists()


def test_an_import_that_fails_names_the_file_as_its_sender_does_and_keeps_it(
    workbench: Workbench, uploads: Path
) -> None:
    (uploads / "a1.csv").write_text("body\nплатье\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"отзывы\.csv") as refused:
        Handlers(workbench).import_upload(a_run({"path": "a1.csv", "name": "отзывы.csv", "kind": "category"}))
    assert str(uploads) not in str(refused.value)
    assert (uploads / "a1.csv").exists()
    with pytest.raises(UserError, match="no longer among the uploads"):
        Handlers(workbench).import_upload(a_run({"path": "a2.csv", "kind": "category"}))


@pytest.fixture
def champion(workbench: Workbench) -> Callable[[str], None]:
    with writing(workbench.engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)

    def becomes(version: str) -> None:
        with writing(workbench.engine) as session:
            save_promotion(session, project, Promotion("p", version, "by hand", previous_version="1"))

    return becomes


@pytest.mark.parametrize("kind", [JobKind.PROMOTE, JobKind.ROLLBACK])
def test_a_change_of_champion_that_was_made_before_a_kill_is_not_made_again(
    workbench: Workbench, champion: Callable[[str], None], kind: JobKind
) -> None:
    champion("2")
    does = Handlers(workbench).by_kind()[kind]
    assert does(a_run({"version": "2", "instead_of": "1"})) == {"version": "2", "previous_version": "1"}


@pytest.mark.parametrize("kind", [JobKind.PROMOTE, JobKind.ROLLBACK])
def test_a_champion_that_somebody_else_made_meanwhile_stays(
    workbench: Workbench, champion: Callable[[str], None], kind: JobKind
) -> None:
    champion("3")
    with pytest.raises(ConflictError, match="the champion of 'p' is version 3 now, not 1 as when this was asked for"):
        Handlers(workbench).by_kind()[kind](a_run({"version": "2", "instead_of": "1"}))


def test_a_version_that_the_registry_does_not_know_cannot_be_promoted(
    workbench: Workbench, champion: Callable[[str], None]
) -> None:
    champion("1")
    with pytest.raises(UserError, match="no version 7 of model 'p'"):
        Handlers(workbench).promote(a_run({"version": "7", "instead_of": "1"}))


def test_what_is_done_for_somebody_is_noted_under_their_name(workbench: Workbench) -> None:
    with acting_for("anna"), acting_for(""), writing(workbench.engine) as session:
        create_project(session, "q", Kind.CATEGORY)
    with writing(workbench.engine) as session:
        create_project(session, "r", Kind.CATEGORY)
    with reading(workbench.engine) as session:
        later, earlier = list_changes(session, limit=2)
    assert earlier.person == "anna"
    assert later.person != "anna"
