"""Promoting and going back by hand: what a person decides, whatever the gate has said."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.engine import reading
from db.errors import ConflictError, UserError
from db.model_versions import find_version
from db.projects import get_project
from db.promotions import Promotion, latest_promotion, list_promotions
from db.reasons import Reason
from db.types import Project
from training import registry

_ALL = 1_000_000


def promote_by_hand(engine: Engine, mlflow_uri: str, project: str, version: str) -> Promotion:
    """Make a version the champion. Raises UserError if the registry has no such version, or it is champion already."""
    with reading(engine) as session:
        found = get_project(session, project)
        current, noted = latest_promotion(session, found), find_version(session, found, version)
    if current is not None and current.version == version:
        raise ConflictError(f"version {version} is the champion of {project!r} already")
    wanted = registry.get_version(mlflow_uri, registry.model_name(project), version)
    return registry.promote(
        engine,
        mlflow_uri,
        project,
        wanted,
        verdict=registry.BY_HAND,
        reasons=() if noted is None else noted.reasons,
        snapshot="" if noted is None else noted.snapshot,
    )


def rollback(engine: Engine, mlflow_uri: str, project: str) -> Promotion:
    """Put the champion before this one back in place; again goes one further back. Raises UserError without one."""
    with reading(engine) as session:
        found = get_project(session, project)
        before, current = version_to_go_back_to(session, found), latest_promotion(session, found)
    version = registry.get_version(mlflow_uri, registry.model_name(project), before)
    reasons = [Reason("went_back", {"version": before, "before_version": "" if current is None else current.version})]
    return registry.promote(engine, mlflow_uri, project, version, verdict=registry.ROLLED_BACK, reasons=reasons)


def version_to_go_back_to(session: Session, project: Project) -> str:
    """The champion before the present one; raises UserError without one."""
    before = version_before(list_promotions(session, project, limit=_ALL)[::-1])
    if before is None:
        raise UserError(f"project {project.name!r}: no earlier champion to go back to")
    return before


def version_before(history: Sequence[Promotion]) -> str | None:
    """The version to go back to, from promotions oldest first: a rollback takes the last one off the pile. Pure."""
    pile: list[str] = []
    for promotion in history:
        if promotion.verdict == registry.ROLLED_BACK and len(pile) > 1:
            pile.pop()
        elif not pile or pile[-1] != promotion.version:
            pile.append(promotion.version)
    return pile[-2] if len(pile) > 1 else None
