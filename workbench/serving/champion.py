"""Champions in memory: found by watching the registry, warmed, and swapped between two requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.engine import reading
from db.errors import UserError
from db.projects import get_project, list_projects
from db.tables import PromotionRow
from db.types import Project
from workbench.serving.models import Models, ModelUnavailableError, Predictor, no_champion

POLL_SECONDS = 1.0
# A version that cannot be loaded is tried again, but not every second: a load may read a gigabyte.
RETRY_SECONDS = 15.0
# Aliases asked for at one look, in turn: each costs the registry some milliseconds, however few of them move.
ALIASES_A_LOOK = 10
# Of texts that take a model no longer than this, one is answered sooner than another thread could take it over.
QUICK_SECONDS = 0.005
_WARM_UP = ("warm up: a text as any other, neither long nor short", "warm up: обычный текст, не длинный и не короткий")

_DATABASE = "looking for new champions"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Champion:
    """A loaded version. Whoever holds it may go on using it after a swap; it is freed with its last holder.

    `quick` says that one text takes it next to no time.
    """

    project: Project
    version: str
    predictor: Predictor
    quick: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChampionState:
    """`wanted` is the version behind the alias, `serving` the one that answers; `fault` says why they differ."""

    project: str
    wanted: str
    serving: str | None
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Failure:
    version: str
    reason: str
    at: float


class Champions:
    """One slot per project. `get` never waits for the registry once a project's champion is loaded.

    As a context manager it looks every second, in a thread of its own: promotions and rollbacks are noted in the
    database and followed at once; aliases moved by hand are noted nowhere and found by asking for them in turn.
    """

    def __init__(self, *, engine: Engine, models: Models, interval: float = POLL_SECONDS) -> None:
        self._engine = engine
        self._models = models
        self._interval = interval
        self._slots: dict[str, Champion] = {}
        self._wanted: dict[str, str] = {}
        self._failures: dict[str, _Failure] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._said: dict[str, str] = {}
        self._promotions: dict[int, int] = {}
        self._turn = 0
        self._stop = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="champions", daemon=True)

    def __enter__(self) -> Champions:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        # A load in progress cannot be interrupted; the thread is a daemon, so the process need not wait for it.
        self._thread.join(timeout=5.0)

    def get(self, name: str) -> Champion:
        """The champion of project `name`, loaded now if it is the first time that anyone asks.

        Raises NotFoundError, NoChampionError or ModelUnavailableError.
        """
        return self.peek(name) or self._load_on_first_use(name)

    def peek(self, name: str) -> Champion | None:
        """The champion of project `name` if it is loaded; never waits."""
        return self._slots.get(name)

    def refresh(self) -> None:
        """Look once: load what has changed, let go of what has no champion any more. The first time, at every project.

        Raises UserError where the database cannot be reached; a project whose model fails is logged and kept as it is.
        """
        with reading(self._engine) as session:
            projects = list_projects(session)
            promotions = newest_promotions(session)
        for project in self._to_look_at(projects, promotions):
            if self._stop.is_set():
                return
            try:
                self._follow(project)
            except ModelUnavailableError as error:
                self._say_once(f"project {project.name!r}", str(error))
            else:
                self._said.pop(f"project {project.name!r}", None)
        self._promotions = promotions
        self._looked.set()

    def _to_look_at(self, projects: Sequence[Project], promotions: Mapping[int, int]) -> list[Project]:
        if not self.looked:
            return list(projects)
        changed = [p for p in projects if promotions.get(p.id) != self._promotions.get(p.id)]
        others = [p for p in projects if p not in changed]
        self._turn = 0 if self._turn >= len(others) else self._turn
        due = others[self._turn : self._turn + ALIASES_A_LOOK]
        self._turn += len(due)
        return changed + due

    @property
    def looked(self) -> bool:
        """Whether every project has been looked at since the start."""
        return self._looked.is_set()

    @property
    def watching(self) -> bool:
        """Whether changes are followed; an internal fault ends that, with a traceback on stderr."""
        return self._thread.is_alive()

    def states(self) -> list[ChampionState]:
        """Every project with a champion, by name."""
        states = []
        for name, wanted in sorted(self._wanted.copy().items()):
            slot, failure = self._slots.get(name), self._failures.get(name)
            serving = None if slot is None else slot.version
            fault = failure.reason if failure is not None and serving != wanted else ""
            states.append(ChampionState(project=name, wanted=wanted, serving=serving, fault=fault))
        return states

    def _watch(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                self.refresh()
            except (UserError, SQLAlchemyError) as error:
                self._say_once(_DATABASE, str(error).splitlines()[0])
            else:
                self._said.pop(_DATABASE, None)
            pause = self._interval

    def _say_once(self, about: str, message: str) -> None:
        # An outage of an hour is one line in the log, not 3 600.
        if self._said.get(about) != message:
            log.warning("%s: %s", about, message)
            self._said[about] = message

    def _load_on_first_use(self, name: str) -> Champion:
        with reading(self._engine) as session:
            project = get_project(session, name)
        self._follow(project)
        champion = self._slots.get(name)
        if champion is None:
            raise no_champion(name)
        return champion

    def _follow(self, project: Project) -> None:
        # The alias is read inside the lock: a slow reader must not put an older version back.
        with self._locks.setdefault(project.name, threading.Lock()):
            version = self._models.champion_version(project)
            if version is None:
                self._wanted.pop(project.name, None)
                self._slots.pop(project.name, None)
                return
            self._wanted[project.name] = version
            slot = self._slots.get(project.name)
            if slot is None or slot.version != version:
                self._swap(project, version)

    def _swap(self, project: Project, version: str) -> None:
        failure = self._failures.get(project.name)
        if failure is not None and failure.version == version and monotonic() - failure.at < RETRY_SECONDS:
            raise ModelUnavailableError(failure.reason)
        started = monotonic()
        try:
            predictor = self._models.load(project, version)
            quick = _warm_up(predictor) <= QUICK_SECONDS
        except ModelUnavailableError as error:
            self._failures[project.name] = _Failure(version=version, reason=str(error), at=monotonic())
            raise
        self._slots[project.name] = Champion(project=project, version=version, predictor=predictor, quick=quick)
        self._failures.pop(project.name, None)
        log.info("project %r: version %s answers (loaded in %.1f s)", project.name, version, monotonic() - started)


def newest_promotions(session: Session) -> dict[int, int]:
    """By project id, the id of its newest promotion."""
    newest = func.max(PromotionRow.id).label("newest")
    query = select(PromotionRow.project_id, newest).group_by(PromotionRow.project_id)
    return {row.project_id: row.newest for row in session.execute(query)}


def _warm_up(predictor: Predictor) -> float:
    """Seconds that one text takes once everything that a model does only the first time is done."""
    fastest = float("inf")
    for text in _WARM_UP * 2:
        started = monotonic()
        predictor.predict([text])
        fastest = min(fastest, monotonic() - started)
    return fastest
