"""The worker: runs the jobs that are in line, takes up those a killed one left, and starts what falls due."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event

from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from db.engine import reading, writing
from db.errors import UserError
from db.settings import Settings
from db.workers import SAID_EVERY_S, alive_workers, say_alive, say_gone
from workbench.jobs.job import JobKind
from workbench.jobs.log import jobs_folder
from workbench.jobs.store import APP_VERSION, QUEUES, JobStore, jobs_database
from workbench.jobs.watch import due_rescorings
from workbench.jobs.work import Work, register_workflows

logger = logging.getLogger(__name__)
_LOOK_EVERY_S = 1.0
_AT_ONCE = {"light": 2, "training": 1, "import": 1, "quick": 1}


def run_worker(settings: Settings, engine: Engine, work: Mapping[JobKind, Work], *, stop: Event | None = None) -> None:
    """Work until told to stop, by a signal or by `stop`. Unfinished jobs go on when a worker starts again.

    Beside another that lives, it stands by until that one is gone: the other's running jobs look like ones left behind.
    """
    ending = stop or _stop_on_signals()
    name = f"{socket.gethostname()}:{os.getpid()}"
    if not _is_alone(engine, name, ending):
        return
    _launch(settings, work)
    logger.info("worker ready")
    jobs = JobStore(settings)
    rounds = _Rounds(engine, jobs, name)
    try:
        rounds.make()
        while not ending.wait(_LOOK_EVERY_S):
            rounds.make()
    finally:
        rounds.leave()
        jobs.close()
        DBOS.destroy()


def _launch(settings: Settings, work: Mapping[JobKind, Work]) -> None:
    """From here on jobs are taken up, those left by a killed worker first."""
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
    register_workflows(work, jobs_folder(settings.data))
    DBOS.launch()
    for queue in dict.fromkeys(QUEUES.values()):
        DBOS.register_queue(queue, worker_concurrency=_AT_ONCE[queue], polling_interval_sec=0.5)


def _is_alone(engine: Engine, name: str, ending: Event) -> bool:
    """True as soon as no other worker lives; False if this one was told to end before."""
    told = False
    while True:
        with reading(engine) as session:
            others = [other for other in alive_workers(session) if other != name and _may_live(other)]
        if not others:
            return True
        if not told:
            logger.warning("worker %s is at work; this one stands by until it ends", others[0])
            told = True
        if ending.wait(_LOOK_EVERY_S):
            return False


def _may_live(name: str) -> bool:
    """Whether the process that `name` is of may still be there; of another machine only its silence tells."""
    host, _, pid = name.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Rounds:
    """What the worker does between jobs: it says that it lives, and puts in line what has fallen due."""

    def __init__(self, engine: Engine, jobs: JobStore, name: str) -> None:
        self._engine = engine
        self._jobs = jobs
        self._name = name
        self._said_at = -SAID_EVERY_S
        # Spares asking again for what this worker has put in line; the keys alone would do.
        self._started: set[str] = set()

    def make(self) -> None:
        try:
            if time.monotonic() - self._said_at >= SAID_EVERY_S:
                self._said_at = time.monotonic()
                with writing(self._engine) as session:
                    say_alive(session, self._name)
            for due in due_rescorings(self._engine):
                if due.key not in self._started:
                    self._jobs.add(JobKind.RESCORE, due.project, key=due.key)
                    self._started.add(due.key)
        except (OperationalError, UserError) as error:
            # The database may be away for a while; the next round tells.
            logger.warning("cannot look for what is due: %s", error)

    def leave(self) -> None:
        with suppress(OperationalError, UserError), writing(self._engine) as session:
            say_gone(session, self._name)


def _stop_on_signals() -> Event:
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    return ending
