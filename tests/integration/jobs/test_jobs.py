"""Jobs with a real worker process on both job databases: done, failed, cancelled, resumed, and killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.projects import create_project
from db.promotions import Promotion, save_promotion
from db.records import add_record
from db.settings import Settings
from db.types import Kind
from db.workers import count_alive
from workbench.jobs.job import Job, JobKind, JobState
from workbench.jobs.log import jobs_folder, log_of
from workbench.jobs.store import JobStore

WORKER = Path(__file__).with_name("fake_worker.py")
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_worker(settings: Settings, home: Path) -> Iterator[StartWorker]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        said = (home / "worker.log").open("ab")
        process = subprocess.Popen([sys.executable, str(WORKER)], stdout=subprocess.DEVNULL, stderr=said)
        said.close()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(jobs: JobStore, job_id: str, is_so: Callable[[Job], bool], seconds: float = 60.0) -> Job:
    deadline = time.monotonic() + seconds
    while not is_so(job := jobs.get(job_id)):
        assert time.monotonic() < deadline, f"still {job}"
        time.sleep(0.1)
    return job


def said_by(worker: subprocess.Popen[bytes]) -> str:
    """All that it wrote to stderr, after its end."""
    worker.terminate()
    worker.wait()
    return Path("worker.log").read_text()


def test_a_job_runs_with_progress_and_is_done(jobs: JobStore, start_worker: StartWorker, home: Path) -> None:
    start_worker()
    job_id = jobs.add(JobKind.PROPOSE, "p", {"file": str(home / "n"), "to": 5})
    job = until(jobs, job_id, lambda job: job.state.has_ended)
    assert (job.state, job.result, job.project) == (JobState.DONE, {"counted": 5}, "p")
    assert job.progress == {"done": 5, "total": 5, "what": "counting"}


def test_a_worker_killed_in_the_middle_goes_on_where_it_was(
    jobs: JobStore, start_worker: StartWorker, home: Path
) -> None:
    worker = start_worker()
    job_id = jobs.add(JobKind.PROPOSE, "p", {"file": str(home / "n"), "to": 40})
    until(jobs, job_id, lambda job: job.progress.get("done", 0) >= 3)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert jobs.get(job_id).state is JobState.RUNNING
    start_worker()
    assert until(jobs, job_id, lambda job: job.state.has_ended).state is JobState.DONE
    counted = [int(n) for n in (home / "n").read_text().split()]
    assert counted == list(range(40))


def test_a_cancelled_job_stops_and_can_be_resumed(jobs: JobStore, start_worker: StartWorker, home: Path) -> None:
    start_worker()
    job_id = jobs.add(JobKind.PROPOSE, "p", {"file": str(home / "n"), "to": 30})
    until(jobs, job_id, lambda job: job.progress.get("done", 0) >= 2)
    jobs.cancel(job_id)
    assert jobs.get(job_id).state is JobState.CANCELLED
    time.sleep(1.5)
    reached = len((home / "n").read_text().split())
    assert reached < 30
    with pytest.raises(UserError, match="cancelled; only a waiting or running one"):
        jobs.cancel(job_id)
    jobs.resume(job_id)
    assert until(jobs, job_id, lambda job: job.state.has_ended).result == {"counted": 30}
    assert len((home / "n").read_text().split()) == 30


def test_a_failed_job_says_why_in_one_line_and_can_be_taken_up_again_for_who_asked(
    jobs: JobStore, start_worker: StartWorker, home: Path
) -> None:
    worker = start_worker()
    job_id = jobs.add(JobKind.RETRAIN, "p", by="anna")
    job = until(jobs, job_id, lambda job: job.state.has_ended)
    assert (job.state, job.error, job.by) == (JobState.FAILED, "the file is not there and a second line", "anna")
    assert job.started_at is not None
    assert job.ended_at is not None
    jobs.resume(job_id)
    job = until(jobs, job_id, lambda job: job.state.has_ended)
    assert (job.state, job.error, job.result, job.by) == (JobState.DONE, "", {"actor": "anna"}, "anna")
    log = log_of(jobs_folder(home / "data"), job_id).part(None).text
    assert [line.partition("  ")[2] for line in log.splitlines()] == [
        "begun: retrain of p, for anna",
        "failed: the file is not there and a second line",
        "begun: retrain of p, for anna",
        "done",
    ]
    assert "Traceback" not in said_by(worker)


def test_a_fault_of_ours_is_told_apart_and_keeps_its_traceback_in_the_workers_log(
    jobs: JobStore, start_worker: StartWorker, home: Path
) -> None:
    worker = start_worker()
    job_id = jobs.add(JobKind.RETRAIN, "p", {"fault": True})
    job = until(jobs, job_id, lambda job: job.state.has_ended)
    assert job.error == "internal error (KeyError): 'a fault of ours'"
    assert "failed: internal error (KeyError)" in log_of(jobs_folder(home / "data"), job_id).part(None).text
    said = said_by(worker)
    assert "Traceback" in said
    assert "a fault of ours" in said


def test_a_worker_says_that_it_lives_and_when_it_goes(start_worker: StartWorker, engine: Engine) -> None:
    def workers() -> int:
        with reading(engine) as session:
            return count_alive(session)

    assert workers() == 0
    worker = start_worker()
    deadline = time.monotonic() + 60
    while not workers():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    worker.terminate()
    worker.wait()
    assert workers() == 0


def test_a_second_worker_stands_by_and_takes_over_when_the_first_is_gone(
    jobs: JobStore, start_worker: StartWorker, home: Path
) -> None:
    first = start_worker()
    job_id = jobs.add(JobKind.PROPOSE, "p", {"file": str(home / "n"), "to": 60})
    until(jobs, job_id, lambda job: job.progress.get("done", 0) >= 2)
    start_worker()
    deadline = time.monotonic() + 60
    while "stands by until it ends" not in (home / "worker.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert until(jobs, job_id, lambda job: job.state.has_ended).state is JobState.DONE
    assert [int(n) for n in (home / "n").read_text().split()] == list(range(60))


def test_the_same_key_adds_a_job_once(jobs: JobStore) -> None:
    assert jobs.add(JobKind.RESCORE, "p", key="once") == jobs.add(JobKind.RESCORE, "p", key="once")
    assert [job.id for job in jobs.list()] == ["once"]


def test_an_unknown_job_is_named(jobs: JobStore) -> None:
    with pytest.raises(UserError, match="no job 'nope'"):
        jobs.get("nope")


def test_a_promotion_starts_one_rescoring(jobs: JobStore, start_worker: StartWorker, engine: Engine) -> None:
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        add_record(session, project, external_id="1", text="платье")
        promotion = save_promotion(session, project, Promotion(model_name="p", version="1", verdict="promote"))
    start_worker()
    key = f"rescore-{project.id}-promotion-{promotion}"
    deadline = time.monotonic() + 60
    while key not in {job.id for job in jobs.list()}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    until(jobs, key, lambda job: job.state is JobState.DONE)
    time.sleep(2.5)
    assert [job.id for job in jobs.list()].count(key) == 1
