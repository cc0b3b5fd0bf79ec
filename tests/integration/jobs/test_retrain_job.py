"""Training as a job of the real worker: killed in the middle, its process is ended, and it starts over to the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def workbench(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "workbench.cli", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def job_of(job_id: str) -> dict[str, Any]:
    return next(job for job in workbench("jobs")["jobs"] if job["id"] == job_id)


def until(is_so: Callable[[], bool], seconds: float = 150.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(500)
def test_a_killed_workers_training_is_ended_and_starts_over(home: Path) -> None:
    file = home / "reviews.csv"
    rows = [
        f"{n},{'платье село' if n % 2 else 'чайник течёт'} номер {n},{'одежда' if n % 2 else 'посуда'}"
        for n in range(400)
    ]
    file.write_text("id,text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    workbench(
        "import", str(file), "--project", "p", "--kind", "category", "--id-column", "id",
        "--labels-column", "label", "--by", "anna", "--blind",
    )  # fmt: skip
    job = workbench("retrain", "--project", "p", "--recipe", "tfidf", "--promote", "always", "--background")["job"]
    pid_file = home / "data" / "jobs" / f"{job}.pid"
    command = [sys.executable, "-m", "workbench.cli", "worker"]
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    training = int(pid_file.read_text())
    # Held still, so that it is certainly there when its worker dies.
    os.kill(training, signal.SIGSTOP)
    first.kill()
    first.wait()
    assert is_alive(training)
    second = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: not is_alive(training))
        until(lambda: job_of(job)["state"] == "done")
    finally:
        second.terminate()
        second.wait()
    assert not pid_file.exists()
    assert (home / "data" / "jobs" / f"{job}.log").read_text()
    source = home / "in.csv"
    source.write_text("text\nплатье\n", encoding="utf-8")
    assert workbench("predict", str(source), str(home / "out.csv"), "--project", "p")["model_version"] == "1"
