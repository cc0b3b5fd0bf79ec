"""What the Proposals page asks of thresholds with a guarantee."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Engine

from db.types import Role, Stage
from workbench.access.routes import Person, needs
from workbench.quality.thresholds import (
    DEFAULT_CONFIDENCE,
    DEFAULT_PRECISION,
    HIGHEST,
    LOWEST,
    ThresholdReport,
    apply_thresholds,
    find_thresholds,
)
from workbench.web.bodies import Body

Promise = Annotated[float, Query(ge=LOWEST, le=HIGHEST)]


class TakeOverBody(Body):
    """`thresholds` are those that the person was shown and agreed to, by stage."""

    precision: Annotated[float, Field(ge=LOWEST, le=HIGHEST)]
    confidence: Annotated[float, Field(ge=LOWEST, le=HIGHEST)]
    thresholds: dict[Stage, Annotated[float, Field(ge=0, le=1)]]


def add_guarantee(router: APIRouter, engine: Engine) -> None:
    """Routes under /api/proposals/{project}/guarantee."""

    @router.get("/{project}/guarantee")
    def found(
        project: str, precision: Promise = DEFAULT_PRECISION, confidence: Promise = DEFAULT_CONFIDENCE
    ) -> dict[str, Any]:
        return _plain(find_thresholds(engine, project, precision=precision, confidence=confidence))

    @router.post("/{project}/guarantee", dependencies=[needs(Role.ADMIN)])
    def take_over(project: str, body: TakeOverBody, person: Person) -> dict[str, Any]:
        promise = {"precision": body.precision, "confidence": body.confidence}
        apply_thresholds(engine, project, **promise, expected=body.thresholds, by=person)
        return _plain(find_thresholds(engine, project, **promise))


def _plain(report: ThresholdReport) -> dict[str, Any]:
    stages = [asdict(one) | {"threshold": one.threshold, "precision": one.found.precision} for one in report.stages]
    return asdict(report) | {"stages": stages, "changes": report.changes}
