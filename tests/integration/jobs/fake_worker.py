"""A worker with small fake work, run as a process so that it can be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from db.audit import process_actor
from db.engine import make_engine
from db.errors import NotFoundError
from db.migrate import upgrade
from db.settings import load_settings
from workbench.jobs.job import JobKind
from workbench.jobs.work import Run
from workbench.jobs.worker import run_worker


def count(run: Run) -> dict[str, Any]:
    """Counts to a number in a file, from where the file stands: idempotent work in small steps."""
    file = Path(run.options["file"])
    for n in range(len(file.read_text().split()) if file.exists() else 0, run.options["to"]):
        if run.cancelled():
            return {"cancelled": True}
        with file.open("a") as stream:
            stream.write(f"{n}\n")
        run.report(n + 1, run.options["to"], "counting")
        time.sleep(0.1)
    return {"counted": run.options["to"]}


def fail_once(run: Run) -> dict[str, Any]:
    """By the user's fault, or by our own where the options say so; the second time it goes well."""
    file = Path(f"{run.job_id}.failed")
    if file.exists():
        return {"actor": process_actor()}
    file.touch()
    if run.options.get("fault"):
        raise KeyError("a fault of ours")
    raise NotFoundError("the file is not there\nand a second line")


def note_rescore(run: Run) -> dict[str, Any]:
    with Path("rescored.txt").open("a") as stream:
        stream.write(f"{run.job_id}\n")
    return {}


if __name__ == "__main__":
    settings = load_settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    sys.stdout.write("starting\n")
    run_worker(settings, engine, {JobKind.PROPOSE: count, JobKind.RETRAIN: fail_once, JobKind.RESCORE: note_rescore})
