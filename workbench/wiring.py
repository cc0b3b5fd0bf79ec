"""The one place that puts parts together: settings, engine, models and stages become ready-made services."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Engine

from db.audit import process_actor
from db.engine import make_engine, reading
from db.errors import UserError
from db.migrate import upgrade
from db.projects import get_project
from db.promotions import Promotion, latest_promotion
from db.sessions import SessionLimits
from db.settings import Settings, load_settings
from db.types import Project, Stage
from workbench.installation import installation
from workbench.settings import WorkbenchSettings, is_loopback, load_workbench_settings

if TYPE_CHECKING:
    from fastapi import APIRouter

    from training.embedding_cache import EmbeddingCache
    from training.predictor import Predictor
    from workbench.access.access import Access
    from workbench.jobs.desk import JobDesk
    from workbench.jobs.opening import KeptStore
    from workbench.proposing.plan import ProposePlan
    from workbench.proposing.stages import Parts
    from workbench.proposing.summary import ProposeSummary
    from workbench.queues.build import QueuedRecord, QueueSummary

RecordProgress = Callable[[int, float], None]
StageProgress = Callable[[int, int, Stage], None]


def open_workbench() -> Workbench:
    """Read the environment, open the database and bring it to the newest migration."""
    settings = load_settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    return Workbench(settings=settings, engine=engine)


@dataclass(frozen=True)
class Workbench:
    """An opened home and the services over it. What is heavy is imported where it is used."""

    settings: Settings
    engine: Engine

    @cached_property
    def own(self) -> WorkbenchSettings:
        return load_workbench_settings()

    @property
    def snapshots(self) -> Path:
        return self.settings.data / "snapshots"

    @property
    def embeddings(self) -> EmbeddingCache:
        from training.embedding_cache import EmbeddingCache

        return EmbeddingCache(folder=self.settings.data / "embeddings", embedder=self.settings.embedder)

    def champion(self, project: Project) -> Predictor | None:
        """The project's champion, loaded; None where nothing was promoted yet."""
        with reading(self.engine) as session:
            promotion = latest_promotion(session, project)
        if promotion is None:
            return None
        from training.predictor import load_predictor

        return load_predictor(self.settings.mlflow, f"models:/{promotion.model_name}@champion")

    def has_champion(self, project: str) -> bool:
        with reading(self.engine) as session:
            return latest_promotion(session, get_project(session, project)) is not None

    # Proposing

    def propose(
        self,
        project: str,
        stages: Sequence[str] | None,
        limit: int | None,
        progress: StageProgress = lambda done, total, stage: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ProposeSummary:
        from workbench.proposing.cascade import run

        return run(
            self.engine,
            project,
            parts=self._parts(),
            stages=stages,
            limit=limit,
            progress=progress,
            cancelled=cancelled,
        )

    def plan(
        self, project: str, stages: Sequence[str] | None, limit: int | None, *, measure: bool = False
    ) -> ProposePlan:
        from workbench.proposing.plan import plan

        return plan(self.engine, project, parts=self._parts(), stages=stages, limit=limit, measure=measure)

    def _parts(self) -> Parts:
        from training.embedders import make_embedder
        from workbench.champions import CascadeScorer
        from workbench.proposing.model import Champion
        from workbench.proposing.stages import Parts

        def champion(project: Project) -> Champion | None:
            found = self.champion(project)
            if found is None:
                return None
            return Champion(name=found.name, version=found.version, scorer=CascadeScorer(found))

        return Parts(
            settings=self.own,
            champion=champion,
            embedder=lambda texts: make_embedder(self.settings.embedder, texts),
        )

    # Queues

    def next_items(
        self, project: str, strategy: str | None, size: int, progress: RecordProgress = lambda records, share: None
    ) -> list[QueuedRecord]:
        from workbench.champions import QueueScorer
        from workbench.queues.build import next_items

        def scorer() -> QueueScorer | None:
            predictor = self._champion_of(project)
            return None if predictor is None else QueueScorer(predictor)

        return next_items(
            self.engine,
            project,
            embeddings=self.embeddings,
            strategy=strategy,
            size=size,
            load_predictor=scorer,
            progress=progress,
        )

    def build_queue(self, project: str, progress: RecordProgress = lambda records, share: None) -> QueueSummary:
        from workbench.champions import QueueScorer
        from workbench.queues.build import build_queue

        predictor = self._champion_of(project)
        return build_queue(
            self.engine,
            project,
            embeddings=self.embeddings,
            predictor=None if predictor is None else QueueScorer(predictor),
            progress=progress,
        )

    def _champion_of(self, project: str) -> Predictor | None:
        with reading(self.engine) as session:
            found = get_project(session, project)
        return self.champion(found)

    # Training and the registry

    def retrain(self, project: str, options: Mapping[str, Any], *, as_json: bool = False) -> None:
        """Train here and now, as a process of its own that shows its own progress; raises UserError when it fails."""
        from workbench.jobs.training_process import retrain_command

        if subprocess.run(retrain_command(project, options, as_json=as_json), check=False).returncode:
            raise UserError(f"training of {project!r} failed; what it said is above")

    def rollback(self, project: str) -> Promotion:
        from training.promoting import rollback

        return rollback(self.engine, self.settings.mlflow, project)

    def promote(self, project: str, version: str) -> Promotion:
        from training.promoting import promote_by_hand

        return promote_by_hand(self.engine, self.settings.mlflow, project, version)

    # Jobs, pages and services

    @property
    def mlflow_pages(self) -> str:
        """Where browsers find MLflow's pages; "" where that is not known."""
        if self.own.mlflow_url:
            return self.own.mlflow_url
        address = urlsplit(self.settings.mlflow)
        if address.scheme in ("http", "https") and address.hostname:
            return urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2])).rstrip("/")
        return f"http://127.0.0.1:{self.own.mlflow_port}" if is_loopback(self.own.ui_host) else ""

    @contextmanager
    def jobs(self) -> Iterator[JobDesk]:
        """For a command: the jobs, closed when the block ends."""
        from workbench.jobs.desk import JobDesk
        from workbench.jobs.store import open_jobs

        with open_jobs(self.settings) as store:
            yield JobDesk(settings=self.settings, engine=self.engine, store=lambda: store)

    @cached_property
    def kept_jobs(self) -> KeptStore:
        """For a process that lives long."""
        from workbench.jobs.opening import KeptStore

        return KeptStore(self.settings)

    @cached_property
    def desk(self) -> JobDesk:
        from workbench.jobs.desk import JobDesk

        return JobDesk(settings=self.settings, engine=self.engine, store=self.kept_jobs)

    def add_job(self, kind: str, project: str, options: Mapping[str, Any]) -> str:
        from workbench.jobs.job import JobKind

        with self.jobs() as desk:
            return desk.add(JobKind(kind), project, options, by=process_actor()).id

    @cached_property
    def access(self) -> Access:
        from workbench.access.access import make_access

        idle, longest = timedelta(hours=self.own.session_idle_hours), timedelta(days=self.own.session_max_days)
        return make_access(self.engine, SessionLimits(idle=idle, longest=longest))

    def ui_routers(self) -> list[APIRouter]:
        """What the pages talk to, one router a page."""
        from workbench.access.routes import me_routes
        from workbench.ui.pages.audit import audit_routes
        from workbench.ui.pages.curate import curate_routes
        from workbench.ui.pages.jobs import jobs_routes
        from workbench.ui.pages.labels import labels_routes
        from workbench.ui.pages.models import models_routes
        from workbench.ui.pages.overview import overview_routes
        from workbench.ui.pages.proposals import proposals_routes
        from workbench.ui.pages.records import records_routes
        from workbench.ui.pages.settings import settings_routes
        from workbench.ui.pages.users import users_routes

        return [
            me_routes(),
            curate_routes(self.engine),
            overview_routes(self.engine),
            records_routes(self.engine, self.snapshots),
            labels_routes(self.engine),
            self._data_routes(),
            proposals_routes(self.engine, self.own, self.plan, self.desk),
            models_routes(self.engine, self.desk, self.mlflow_pages),
            jobs_routes(self.desk),
            settings_routes(self.engine, installation(self.settings, self.own)),
            users_routes(self.engine),
            audit_routes(self.engine),
        ]

    def _data_routes(self) -> APIRouter:
        from workbench.exchange.downloads import Downloads
        from workbench.exchange.uploads import Uploads
        from workbench.jobs.checking import uploads_folder
        from workbench.ui.pages.data import data_routes

        uploads = Uploads(uploads_folder(self.settings.data), limit=self.own.upload_limit_mb * 2**20)
        downloads = Downloads(self.settings.data / "exports", snapshots=self.snapshots)
        for kept in (uploads.kept, downloads.kept):
            kept.clean()
        return data_routes(self.engine, uploads, downloads, self.desk)

    def run_ui(self, host: str | None, port: int | None) -> None:
        from workbench.ui.app import serve
        from workbench.web.listening import listening

        where = listening(self.own, host or self.own.ui_host, self.own.ui_port if port is None else port)
        self.kept_jobs.open_in_background()
        serve(where, routers=self.ui_routers(), access=self.access)

    def run_api(self, host: str | None, port: int | None) -> None:
        from workbench.api.app import run_api
        from workbench.web.listening import listening

        where = listening(self.own, host or self.own.api_host, self.own.api_port if port is None else port)
        run_api(self.settings, where)

    def up(self, names: tuple[str, ...], host: str | None, say: Callable[[str], None]) -> None:
        """Run the parts until SIGINT or SIGTERM."""
        from workbench.access.single_user import check_listening
        from workbench.processes.detached import read_state, state_file, write_state
        from workbench.processes.part import parts_of
        from workbench.processes.supervisor import Supervisor

        if read_state(self.settings.data) is not None:
            raise UserError("a workbench of this home is up already; workbench status shows it, workbench stop ends it")
        ending = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        parts = parts_of(self.settings, self.own, host=host, names=names)
        # Also what was asked for in vain: MLflow's pages never listen to others.
        for where in {host or "127.0.0.1", *(part.host for part in parts if part.port)}:
            check_listening(self.access.users, where)
        supervisor = Supervisor(parts, self.settings.data / "logs", say)
        supervisor.start()
        try:
            write_state(self.settings.data, parts)
            for part in parts:
                say(f"{part.title}: {part.address or 'running'}")
            say("ready; Ctrl-C ends it")
            supervisor.watch(ending)
        finally:
            supervisor.stop()
            state_file(self.settings.data).unlink(missing_ok=True)
