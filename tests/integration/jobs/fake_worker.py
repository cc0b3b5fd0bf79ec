"""A worker with small fake work, run as a process so that it can be killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from db.engine import make_engine
from db.errors import UserError
from db.migrate import upgrade
from db.settings import load_settings
from workbench.jobs.job import JobKind
from workbench.jobs.worker import run_worker


def count(
    job_id: str, project: str, options: dict[str, Any], report: Callable[..., None], cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Counts to a number in a file, from where the file stands: idempotent work in small steps."""
    file = Path(options["file"])
    for n in range(len(file.read_text().split()) if file.exists() else 0, options["to"]):
        if cancelled():
            return {"cancelled": True}
        with file.open("a") as stream:
            stream.write(f"{n}\n")
        report(n + 1, options["to"], "counting")
        time.sleep(0.1)
    return {"counted": options["to"]}


def fail(
    job_id: str, project: str, options: dict[str, Any], report: Callable[..., None], cancelled: Callable[[], bool]
) -> dict[str, Any]:
    raise UserError("the file is not there\nand a second line")


def note_rescore(
    job_id: str, project: str, options: dict[str, Any], report: Callable[..., None], cancelled: Callable[[], bool]
) -> dict[str, Any]:
    with Path("rescored.txt").open("a") as stream:
        stream.write(f"{job_id}\n")
    return {}


if __name__ == "__main__":
    settings = load_settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    sys.stdout.write("starting\n")
    run_worker(settings, engine, {JobKind.PROPOSE: count, JobKind.RETRAIN: fail, JobKind.RESCORE: note_rescore})
