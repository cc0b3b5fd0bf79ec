"""What the Jobs page is told, and who may stop what."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.types import Role
from db.workers import say_alive
from tests.conftest import ClientOf
from tests.job_rows import put_job_state
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind
from workbench.jobs.log import jobs_folder, log_of
from workbench.jobs.store import JobStore
from workbench.ui.pages.jobs import jobs_routes

HOSTILE = "<img src=x onerror='window.hit = 1'>"


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.ANNOTATOR, 403), (Role.REVIEWER, 200)])
def test_reviewers_see_jobs(desk: JobDesk, client_of: ClientOf, role: Role | None, status: int) -> None:
    client = client_of(jobs_routes(desk), role=role)
    job = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    for path in ("/api/jobs", f"/api/jobs/{job.id}", f"/api/jobs/{job.id}/log"):
        assert client.get(path).status_code == status


def test_a_job_says_how_far_it_is_who_asked_and_whether_anybody_works(
    desk: JobDesk, jobs: JobStore, engine: Engine, client_of: ClientOf
) -> None:
    client = client_of(jobs_routes(desk))
    job = desk.add(JobKind.RETRAIN, "p", {"budget": "5m"}, by=HOSTILE)
    put_job_state(jobs, job.id, "PENDING", progress={"done": 2, "total": 5, "what": "cross-validation"})
    told = client.get(f"/api/jobs/{job.id}").json()
    assert (told["state"], told["by"], told["options"], told["workers"]) == ("running", HOSTILE, {"budget": "5m"}, 0)
    assert told["progress"] == {"done": 2, "total": 5, "what": "cross-validation"}
    assert told["started_at"].startswith("2026-")
    with writing(engine) as session:
        say_alive(session, "a:1")
    assert client.get("/api/jobs").json()["workers"] == 1
    put_job_state(jobs, job.id, "ERROR", error=f"label {HOSTILE}")
    assert client.get("/api/jobs?project=p").json()["jobs"][0]["error"] == f"label {HOSTILE}"
    assert client.get("/api/jobs?project=bare").json()["jobs"] == []


def test_the_log_is_read_on_from_where_it_stopped(desk: JobDesk, client_of: ClientOf, home: Path) -> None:
    client = client_of(jobs_routes(desk), role=Role.REVIEWER)
    job = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    log = log_of(jobs_folder(home / "data"), job.id)
    log.line("one")
    first = client.get(f"/api/jobs/{job.id}/log").json()
    log.line("two")
    then = client.get(f"/api/jobs/{job.id}/log?after={first['after']}").json()
    assert ("one" in first["text"], "two" in then["text"], "one" in then["text"]) == (True, True, False)
    assert client.get(f"/api/jobs/{job.id}/log?after=-1").status_code == 422
    assert client.get("/api/jobs/..%2F..%2Fetc/log").status_code == 404


def test_a_reviewer_may_stop_their_own_training_only(desk: JobDesk, client_of: ClientOf) -> None:
    client = client_of(jobs_routes(desk), role=Role.REVIEWER, person="anna")
    mine = desk.add(JobKind.RETRAIN, "p", {}, by="anna")
    theirs = desk.add(JobKind.RETRAIN, "p", {}, by="boris")
    shown = {job["id"]: job["may_change"] for job in client.get("/api/jobs").json()["jobs"]}
    assert shown == {mine.id: True, theirs.id: False}
    refused = client.post(f"/api/jobs/{theirs.id}/cancel")
    assert (refused.status_code, "ask an admin" in refused.json()["detail"]) == (403, True)
    assert client.post(f"/api/jobs/{mine.id}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/jobs/{mine.id}/resume").json()["state"] == "waiting"
    assert client.post("/api/jobs/nope/cancel").status_code == 404


def test_rejected_rows_of_an_import_can_be_had(desk: JobDesk, jobs: JobStore, client_of: ClientOf, home: Path) -> None:
    client = client_of(jobs_routes(desk), role=Role.REVIEWER)
    uploads = home / "data" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "a1.csv").write_text("text\n")
    job = desk.add(JobKind.IMPORT, "p", {"path": "a1.csv", "name": "отзывы.csv"}, by="anna")
    assert client.get(f"/api/jobs/{job.id}/rejected").status_code == 404
    (uploads / "a1.csv.rejected.csv").write_text("line,reason\n2,empty\n")
    put_job_state(jobs, job.id, "SUCCESS", result={"rejected_file": "../uploads/a1.csv.rejected.csv"})
    had = client.get(f"/api/jobs/{job.id}/rejected")
    assert had.text == "line,reason\n2,empty\n"
    assert "attachment" in had.headers["content-disposition"]
    put_job_state(jobs, job.id, "SUCCESS", result={"rejected_file": "/etc/passwd"})
    assert client.get(f"/api/jobs/{job.id}/rejected").status_code == 404
