"""Trained versions as they were when they were registered: what made them, how well they did, what the gate said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import UserError
from db.reasons import Reason, as_plain, from_plain
from db.tables import ModelVersionRow
from db.types import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A score with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScore:
    """F1 of one label on the blind test rows, `support` of which carry it; `theirs` is None without a champion."""

    name: str
    support: int
    ours: float
    theirs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContest:
    """How a version did in one task against the champion of its day, on the same blind rows.

    `task` is "category" or "tags", `measure` "weighted_f1" or "micro_f1". `against` is the champion's version; where it
    is "", `theirs` is what always giving the most frequent answer would score. The figures are None for no rows.
    """

    task: str
    measure: str
    rows: int
    against: str
    ours: Figure | None = None
    theirs: Figure | None = None
    difference: Figure | None = None
    labels: tuple[LabelScore, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """`verdict` is the gate's; `person` trained it; `metrics` are by name."""

    model_name: str
    version: str
    run_id: str
    recipe: str
    snapshot: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    contests: tuple[TaskContest, ...] = ()
    verdict: str
    reasons: tuple[Reason, ...] = ()
    person: str
    created_at: datetime | None = None


def save_version(session: Session, project: Project, version: ModelVersion) -> None:
    """Keep a version that the registry has just numbered."""
    session.add(
        ModelVersionRow(
            project_id=project.id,
            model_name=version.model_name,
            version=version.version,
            run_id=version.run_id,
            recipe=version.recipe,
            snapshot=version.snapshot,
            # PostgreSQL's JSON knows no NaN.
            metrics={name: value for name, value in version.metrics.items() if math.isfinite(value)},
            contests=[asdict(contest) for contest in version.contests],
            verdict=version.verdict,
            reasons=as_plain(version.reasons),
            person=version.person,
        )
    )


def list_versions(session: Session, project: Project, *, limit: int = 50) -> list[ModelVersion]:
    """Newest first."""
    query = select(ModelVersionRow).where(ModelVersionRow.project_id == project.id).order_by(ModelVersionRow.id.desc())
    return [_version(row) for row in session.scalars(query.limit(limit))]


def find_version(session: Session, project: Project, version: str) -> ModelVersion | None:
    query = select(ModelVersionRow).where(ModelVersionRow.project_id == project.id, ModelVersionRow.version == version)
    row = session.scalar(query)
    return None if row is None else _version(row)


def get_version(session: Session, project: Project, version: str) -> ModelVersion:
    """Raises UserError if the project has no such version, or one from before versions were noted here."""
    found = find_version(session, project, version)
    if found is None:
        raise UserError(f"project {project.name!r} has no version {version[:40]!r}")
    return found


def _version(row: ModelVersionRow) -> ModelVersion:
    return ModelVersion(
        model_name=row.model_name,
        version=row.version,
        run_id=row.run_id,
        recipe=row.recipe,
        snapshot=row.snapshot,
        metrics=row.metrics,
        contests=tuple(_contest(plain) for plain in row.contests),
        verdict=row.verdict,
        reasons=from_plain(row.reasons),
        person=row.person,
        created_at=row.created_at,
    )


def _contest(plain: Mapping[str, Any]) -> TaskContest:
    figures = {
        name: None if plain[name] is None else Figure(**plain[name]) for name in ("ours", "theirs", "difference")
    }
    return TaskContest(
        task=plain["task"],
        measure=plain["measure"],
        rows=plain["rows"],
        against=plain["against"],
        labels=tuple(LabelScore(**label) for label in plain["labels"]),
        **figures,
    )
