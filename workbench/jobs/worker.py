"""The worker: runs the jobs that are in line, takes up those a killed one left, and starts what falls due."""

from __future__ import annotations

import logging
import signal
from collections.abc import Mapping
from threading import Event

from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from db.settings import Settings
from workbench.jobs.job import JobKind
from workbench.jobs.store import APP_VERSION, QUEUES, JobStore, jobs_database
from workbench.jobs.watch import due_rescorings
from workbench.jobs.work import Work, register_workflows

logger = logging.getLogger(__name__)
_LOOK_EVERY_S = 1.0
_AT_ONCE = {"light": 2, "training": 1}


def run_worker(settings: Settings, engine: Engine, work: Mapping[JobKind, Work], *, stop: Event | None = None) -> None:
    """Work until told to stop, by a signal or by `stop`. Unfinished jobs go on when a worker starts again."""
    ending = stop or _stop_on_signals()
    settings.data.mkdir(parents=True, exist_ok=True)
    DBOS(
        config={
            "name": "workbench",
            "system_database_url": jobs_database(settings),
            "run_admin_server": False,
            "application_version": APP_VERSION,
            "executor_id": "worker",
            "log_level": "WARNING",
            # What is stored is data, never pickled objects that run when they are read.
            "serializer": DBOSPortableJSONSerializer(),
        }
    )
    register_workflows(work)
    DBOS.launch()
    for queue in dict.fromkeys(QUEUES.values()):
        DBOS.register_queue(queue, worker_concurrency=_AT_ONCE[queue], polling_interval_sec=0.5)
    logger.info("worker ready")
    jobs = JobStore(settings)
    started: set[str] = set()
    try:
        while not ending.wait(_LOOK_EVERY_S):
            _start_what_is_due(engine, jobs, started)
    finally:
        jobs.close()
        DBOS.destroy()


def _start_what_is_due(engine: Engine, jobs: JobStore, started: set[str]) -> None:
    """`started` spares asking again for what this worker has put in line; the keys alone would do."""
    try:
        for due in due_rescorings(engine):
            if due.key not in started:
                jobs.add(JobKind.RESCORE, due.project, key=due.key)
                started.add(due.key)
    except OperationalError as error:
        # The database may be away for a while; the next look tells.
        logger.warning("cannot look for what is due: %s", error.orig)


def _stop_on_signals() -> Event:
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    return ending
