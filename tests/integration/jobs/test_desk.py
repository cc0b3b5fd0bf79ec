"""Handing in, stopping and taking up jobs: checked first, noted with who did it. No worker runs here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.audit import list_changes
from db.engine import reading, writing
from db.errors import ConflictError, ForbiddenError, NotFoundError, UserError
from db.model_versions import ModelVersion, save_version
from db.projects import get_project
from db.promotions import Promotion, save_promotion
from db.settings import Settings
from db.types import Role
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind, JobState
from workbench.jobs.opening import KeptStore


def promote(engine: Engine, *versions: str) -> None:
    with writing(engine) as session:
        for version in versions:
            save_promotion(session, get_project(session, "p"), Promotion("p", version, "promote"))


def test_who_did_what_with_a_job_is_noted(desk: JobDesk, engine: Engine) -> None:
    job = desk.add(JobKind.RETRAIN, "p", {"recipe": "tfidf", "budget": "", "set": None}, by="anna")
    assert (job.state, job.by, job.options) == (JobState.WAITING, "anna", {"recipe": "tfidf"})
    assert desk.cancel(job.id, by="boss", role=Role.ADMIN).state is JobState.CANCELLED
    assert desk.resume(job.id, by="anna", role=Role.REVIEWER).state is JobState.WAITING
    with reading(engine) as session:
        changes = [c for c in list_changes(session) if c.subject == job.id]
    assert [(c.action, c.person, c.project) for c in reversed(changes)] == [
        ("job.add", "anna", "p"),
        ("job.cancel", "boss", "p"),
        ("job.resume", "anna", "p"),
    ]
    assert changes[-1].new == {"kind": "retrain", "recipe": "tfidf"}


def test_a_reviewer_stops_only_trainings_of_their_own(desk: JobDesk) -> None:
    training = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    proposing = desk.add(JobKind.PROPOSE, "p", {}, by="anna")
    with pytest.raises(ForbiddenError, match="not a training of yours; ask an admin"):
        desk.cancel(training.id, by="boris", role=Role.REVIEWER)
    with pytest.raises(ForbiddenError):
        desk.cancel(proposing.id, by="anna", role=Role.REVIEWER)
    assert desk.cancel(training.id, by="anna", role=Role.REVIEWER).state is JobState.CANCELLED


def test_what_has_ended_cannot_be_cancelled_nor_what_waits_be_resumed(desk: JobDesk) -> None:
    job = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    with pytest.raises(UserError, match="is waiting; only a cancelled or failed one"):
        desk.resume(job.id, by="anna", role=Role.ADMIN)
    desk.cancel(job.id, by="anna", role=Role.ADMIN)
    with pytest.raises(UserError, match="is cancelled; only a waiting or running one"):
        desk.cancel(job.id, by="anna", role=Role.ADMIN)
    with pytest.raises(NotFoundError, match="no job 'nope'"):
        desk.get("nope")


@pytest.mark.parametrize(
    ("kind", "project", "options", "words"),
    [
        (JobKind.RETRAIN, "q", {}, "no project 'q'"),
        (JobKind.RETRAIN, "p", {"recipe": "magic"}, "no recipe 'magic'"),
        (JobKind.PROPOSE, "p", {"stages": ["magic"]}, "no stage 'magic'"),
        (JobKind.PROPOSE, "p", {"stages": []}, "--stages: name one"),
        (JobKind.PROPOSE, "p", {"limit": 0}, "--limit: a whole number from 1"),
        (JobKind.PROPOSE, "bare", {}, "project 'bare' has no categories yet"),
        (JobKind.PROMOTE, "p", {"version": "latest"}, "version: the number of a version"),
        (JobKind.PROMOTE, "p", {}, "version: the number of a version"),
        (JobKind.PROMOTE, "p", {"version": "９"}, "version: the number of a version"),
        (JobKind.PROMOTE, "p", {"version": "99"}, "'p' has no version 99"),
        (JobKind.ROLLBACK, "p", {}, "no earlier champion to go back to"),
        (JobKind.IMPORT, "p", {"path": "../../etc/passwd"}, "is no file among the uploads"),
        (JobKind.IMPORT, "p", {"path": "gone.csv", "name": "mine.csv"}, "mine.csv: the file is no longer among"),
        (JobKind.IMPORT, "new", {"path": "there.csv"}, "no project 'new'"),
    ],
)
def test_what_a_job_would_fail_by_is_refused_when_it_is_handed_in(
    desk: JobDesk, engine: Engine, home: Path, kind: JobKind, project: str, options: dict[str, Any], words: str
) -> None:
    uploads = home / "data" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "there.csv").write_text("text\n")
    with pytest.raises(UserError, match=words):
        desk.add(kind, project, options, by="anna")
    assert desk.list() == []
    with reading(engine) as session:
        assert not [c for c in list_changes(session) if c.action == "job.add"]


def test_a_promotion_remembers_what_it_was_to_replace(desk: JobDesk, engine: Engine) -> None:
    with writing(engine) as session:
        trained = ModelVersion(
            model_name="p", version="1", run_id="", recipe="tfidf", snapshot="", verdict="keep", person="anna"
        )
        save_version(session, get_project(session, "p"), trained)
    assert desk.add(JobKind.PROMOTE, "p", {"version": "1"}, by="anna").options == {"version": "1", "instead_of": None}
    promote(engine, "1", "2")
    assert desk.add(JobKind.PROMOTE, "p", {"version": "1"}, by="anna").options == {"version": "1", "instead_of": "2"}
    assert desk.add(JobKind.ROLLBACK, "p", {}, by="anna").options == {"version": "1", "instead_of": "2"}
    with pytest.raises(ConflictError, match="version 2 is the champion of 'p' already"):
        desk.add(JobKind.PROMOTE, "p", {"version": "2"}, by="anna")


def test_an_import_may_make_its_project(desk: JobDesk, home: Path) -> None:
    uploads = home / "data" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "there.csv").write_text("text\n")
    job = desk.add(JobKind.IMPORT, "new", {"path": "there.csv", "kind": "tags"}, by="anna")
    assert (job.project, job.options["path"], job.options["kind"]) == ("new", "there.csv", "tags")


def test_a_file_is_imported_by_one_job_at_a_time(desk: JobDesk, home: Path) -> None:
    uploads = home / "data" / "uploads"
    uploads.mkdir(parents=True)
    for name in ("there.csv", "other.csv"):
        (uploads / name).write_text("text\n")
    asked = {"path": "there.csv", "kind": "tags"}
    first = desk.add(JobKind.IMPORT, "new", asked, by="anna")
    with pytest.raises(ConflictError, match="a job does this already"):
        desk.add(JobKind.IMPORT, "new", asked, by="boris")
    desk.add(JobKind.IMPORT, "new", {**asked, "path": "other.csv"}, by="boris")
    assert len(desk.list()) == 2
    desk.cancel(first.id, by="anna", role=Role.ADMIN)
    assert desk.add(JobKind.IMPORT, "new", asked, by="boris").id != first.id


def test_jobs_of_one_project_are_listed_newest_first(desk: JobDesk) -> None:
    first = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    second = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    desk.add(JobKind.RETRAIN, "bare", {}, by="anna")
    assert {job.id for job in desk.list(project="p")} == {first.id, second.id}
    assert len(desk.list()) == 3
    assert len(desk.list(limit=1)) == 1


@pytest.fixture
def kept(settings: Settings) -> Iterator[KeptStore]:
    store = KeptStore(settings)
    yield store
    store.close()


def test_a_kept_list_is_opened_once(kept: KeptStore) -> None:
    kept.open_in_background()
    assert kept() is kept()


def test_a_database_that_is_away_is_said_in_one_line(settings: Settings, sqlite: Engine) -> None:
    gone = "postgresql://somebody:secret@127.0.0.1:1/nothing"
    kept = KeptStore(settings.model_copy(update={"database_url": gone}))
    with pytest.raises(UserError, match=r"the jobs in .* cannot be reached") as refused:
        kept()
    assert "secret" not in str(refused.value)
    with pytest.raises(UserError, match="cannot be reached"):
        kept()
