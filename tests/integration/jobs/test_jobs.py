"""Jobs with a real worker process on both job databases: done, failed, cancelled, resumed, and killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db.engine import make_engine, writing
from db.errors import UserError
from db.migrate import upgrade
from db.projects import create_project
from db.promotions import Promotion, save_promotion
from db.records import add_record
from db.settings import Settings, load_settings
from db.types import Kind
from tests.conftest import POSTGRES_URL
from workbench.jobs.job import Job, JobKind, JobState
from workbench.jobs.store import JobStore

WORKER = Path(__file__).with_name("fake_worker.py")
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def postgres() -> Iterator[Engine]:
    """A database of its own, because the jobs' tables have a schema name of their own."""
    name = f"test_{uuid4().hex[:12]}"
    server = make_url(POSTGRES_URL).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        admin.dispose()
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}; set TEST_POSTGRES_URL")
    engine = make_engine(server.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def settings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    if engine.dialect.name == "postgresql":
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        monkeypatch.setenv("WORKBENCH_DATABASE_URL", url)
    return load_settings()


@pytest.fixture
def jobs(settings: Settings) -> Iterator[JobStore]:
    store = JobStore(settings)
    yield store
    store.close()


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[StartWorker]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, str(WORKER)], stdout=subprocess.DEVNULL)
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


def test_a_failed_job_says_why_in_one_line(jobs: JobStore, start_worker: StartWorker) -> None:
    start_worker()
    job_id = jobs.add(JobKind.RETRAIN, "p")
    job = until(jobs, job_id, lambda job: job.state.has_ended)
    assert (job.state, job.error) == (JobState.FAILED, "the file is not there")


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
