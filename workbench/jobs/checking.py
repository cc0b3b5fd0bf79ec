"""What a job may be asked to do, checked when it is handed in: a worker hours later has nobody to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Engine

from db.engine import reading
from db.errors import ConflictError, NotFoundError, UserError
from db.model_versions import find_version
from db.project_settings import get_settings
from db.projects import get_project
from db.promotions import latest_promotion, list_promotions
from db.settings import Settings
from db.types import Project
from workbench.jobs.job import JobKind

Options: TypeAlias = Mapping[str, Any]


def check_options(engine: Engine, settings: Settings, kind: JobKind, project: str, options: Options) -> dict[str, Any]:
    """The options as the job gets them. Raises UserError for one that the job would fail by."""
    if kind is JobKind.IMPORT:
        return _import(engine, settings, project, options)
    with reading(engine) as session:
        found = get_project(session, project)
    check = _CHECKS.get(kind)
    return dict(options) if check is None else check(engine, settings, found, options)


def uploads_folder(data: Path) -> Path:
    """Where files wait that were sent from a page to be imported."""
    return data / "uploads"


def _import(engine: Engine, settings: Settings, project: str, options: Options) -> dict[str, Any]:
    from workbench.exchange.importing import target_project
    from workbench.exchange.requests import ImportRequest

    request = ImportRequest.from_options({**options, "project": project}, uploads_folder(settings.data))
    request.check()
    if not request.path.is_file():
        raise UserError(f"{request.called}: the file is no longer among the uploads; send it again")
    with reading(engine) as session:
        target_project(session, request)
    return request.as_options()


def _propose(engine: Engine, _settings: Settings, project: Project, options: Options) -> dict[str, Any]:
    from workbench.proposing.cascade import open_task
    from workbench.proposing.stages import order_of

    stages, limit = options.get("stages"), options.get("limit")
    open_task(engine, project.name)
    with reading(engine) as session:
        order_of(get_settings(session, project), stages)
    if stages is not None and not stages:
        raise UserError("--stages: name one, or leave it out for all of the project's")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise UserError(f"--limit: a whole number from 1 (got {limit!r})")
    return {"stages": None if stages is None else list(stages), "limit": limit}


def _retrain(_engine: Engine, settings: Settings, project: Project, options: Options) -> dict[str, Any]:
    from training.planning import check_wishes

    check_wishes(project, options, embedder=settings.embedder, snapshots=settings.data / "snapshots")
    # Only what was asked for: the rest is the training's own choice.
    return {name: value for name, value in options.items() if value}


def _promote(engine: Engine, _settings: Settings, project: Project, options: Options) -> dict[str, Any]:
    version = str(options.get("version") or "")
    if not (version.isascii() and version.isdecimal()):
        raise UserError(f"version: the number of a version (got {version[:40]!r})")
    with reading(engine) as session:
        champions = {promotion.version for promotion in list_promotions(session, project, limit=1_000_000)}
        if version not in champions and find_version(session, project, version) is None:
            raise NotFoundError(f"{project.name!r} has no version {version}; the Models page lists them")
    current = _champion(engine, project)
    if version == current:
        raise ConflictError(f"version {version} is the champion of {project.name!r} already")
    return {"version": version, "instead_of": current}


def _rollback(engine: Engine, _settings: Settings, project: Project, _options: Options) -> dict[str, Any]:
    from training.promoting import version_to_go_back_to

    with reading(engine) as session:
        version = version_to_go_back_to(session, project)
    return {"version": version, "instead_of": _champion(engine, project)}


def _champion(engine: Engine, project: Project) -> str | None:
    with reading(engine) as session:
        promotion = latest_promotion(session, project)
    return None if promotion is None else promotion.version


_CHECKS: Mapping[JobKind, Callable[[Engine, Settings, Project, Options], dict[str, Any]]] = {
    JobKind.PROPOSE: _propose,
    JobKind.RETRAIN: _retrain,
    JobKind.PROMOTE: _promote,
    JobKind.ROLLBACK: _rollback,
}
