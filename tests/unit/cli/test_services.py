"""What the commands that run things say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.settings import Settings
from workbench.cli import main
from workbench.jobs import store
from workbench.jobs.job import Job, JobKind, JobState
from workbench.processes.part import mlflow_part

AT = datetime(2026, 1, 2, tzinfo=UTC)
PROGRESS = {"done": 120, "total": 1107, "what": "model"}


class Jobs:
    """A list of jobs that is there already."""

    def __init__(self, *jobs: Job) -> None:
        self._jobs = list(jobs)

    def list(self, **_: object) -> Sequence[Job]:
        return self._jobs


def job(state: JobState, **fields: object) -> Job:
    return Job(id="j1", kind=JobKind.PROPOSE, project="shop", state=state, created_at=AT, updated_at=AT, **fields)  # type: ignore[arg-type]


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `workbench jobs` says of these jobs."""

    def run(*jobs: Job) -> str:
        @contextmanager
        def opened(_settings: Settings) -> Iterator[Jobs]:
            yield Jobs(*jobs)

        monkeypatch.setattr(store, "open_jobs", opened)
        monkeypatch.setattr(sys, "argv", ["workbench", "jobs"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr().out

    return run


def test_progress_is_said_in_words(listing: Callable[..., str]) -> None:
    assert listing(job(JobState.RUNNING, progress=PROGRESS)) == (
        "j1  propose of shop: running, model 120 of 1107 (10 %)\n"
    )


def test_a_job_without_progress_and_one_that_failed_are_one_line_each(listing: Callable[..., str]) -> None:
    said = listing(job(JobState.WAITING), job(JobState.FAILED, error="no labels"))
    assert said == "j1  propose of shop: waiting\nj1  propose of shop: failed no labels\n"
    assert listing() == "no jobs yet\n"


def test_no_password_of_mlflows_database_stands_on_a_command_line(home: Path) -> None:
    part = mlflow_part(Settings(home=home, mlflow_uri="postgresql://ann:hush@db/mlflow"), "127.0.0.1", 5000)
    assert "hush" not in " ".join(part.command)
    assert part.environment["MLFLOW_BACKEND_STORE_URI"] == "postgresql://ann:hush@db/mlflow"


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True)])
def test_mlflow_says_who_else_can_reach_pages_without_a_login(
    host: str, warned: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[Sequence[str]] = []
    monkeypatch.setattr("os.execve", lambda _program, command, _environment: started.append(command))
    monkeypatch.setattr(sys, "argv", ["workbench", "mlflow", "--host", host, "--port", "5001"])
    with pytest.raises(SystemExit):
        main()
    (command,) = started
    assert command[command.index("--host") + 1] == host
    assert ("no login: whoever can reach 0.0.0.0:5001" in capsys.readouterr().err) == warned
