"""Thresholds with a guarantee for a project's stages, found on the blind stream's calibration half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.errors import ConflictError, UserError
from db.project_settings import ProjectSettings, get_settings, set_setting
from db.projections import ensure_projections
from db.projects import get_project
from db.records import count_records
from db.settling import settled_by, stage_order
from db.tables import LatestProposalRow, RecordStateRow
from db.types import Half, Project, RecordStatus, Stage
from db.visibility import unseen_records
from training.guarantee import LEAST_ROWS, Guarantee
from workbench.quality.calibration_rows import judged_rows
from workbench.quality.cascade_guarantee import (
    Checked,
    budget,
    check_stages,
    guarantee_stages,
    stages_with_proposals,
)

DEFAULT_PRECISION, DEFAULT_CONFIDENCE = 0.95, 0.9
# Below the first a promise says little; beyond the second it asks for thousands of labels.
LOWEST, HIGHEST = 0.5, 0.999

_CLOSED = (RecordStatus.ANSWERED.value, RecordStatus.WAITING.value, RecordStatus.FLAGGED.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class StageThreshold:
    """`current` is the threshold in force, `found` what can be promised. `accepted` open records are settled by this
    stage once the thresholds found are in force; `test` is how that would have gone on the other half of the stream,
    which had no say in them."""

    stage: Stage
    current: float
    found: Guarantee
    accepted: int
    test: Checked

    @property
    def threshold(self) -> float:
        """In force once the thresholds found are taken over."""
        return self.current if self.found.threshold is None else self.found.threshold


@dataclass(frozen=True, kw_only=True, slots=True)
class ThresholdReport:
    """`confidence` is that of all stages' promises together, `stage_confidence` what each is tested at so that it is.

    `calibration` and `test` are the rows of the halves, `open` the records without an answer. Stages without any
    proposal on the stream are left out.
    """

    project: str
    precision: float
    confidence: float
    stage_confidence: float
    least_rows: int
    calibration: int
    test: int
    open: int
    stages: tuple[StageThreshold, ...]

    @property
    def changes(self) -> dict[Stage, float]:
        """The thresholds that taking them over would change."""
        return {
            one.stage: one.found.threshold
            for one in self.stages
            if one.found.threshold is not None and one.found.threshold != one.current
        }


def find_thresholds(
    engine: Engine, project_name: str, *, precision: float = DEFAULT_PRECISION, confidence: float = DEFAULT_CONFIDENCE
) -> ThresholdReport:
    """For every stage the lowest threshold that keeps the promise, or what is missing for one.

    In a project of categories and tags the promise is about the category. Raises UserError for an unknown project, one
    that asks for tags only, or a promise out of reach.
    """
    for name, value in (("precision", precision), ("confidence", confidence)):
        if not LOWEST <= value <= HIGHEST:
            raise UserError(f"{name}: use a number from {LOWEST} to {HIGHEST} (got {value})")
    with reading(engine) as session:
        project = get_project(session, project_name)
    if not project.kind.asks_category:
        raise UserError(f"project {project_name!r} asks for tags only; a guarantee is about categories")
    ensure_projections(engine, project)
    with reading(engine) as session:
        return _report(session, project, precision, confidence)


def apply_thresholds(
    engine: Engine,
    project_name: str,
    *,
    precision: float = DEFAULT_PRECISION,
    confidence: float = DEFAULT_CONFIDENCE,
    expected: Mapping[Stage, float] | None = None,
    by: str = "",
) -> ThresholdReport:
    """Put the thresholds that can be promised in force; the others stay as they are. Returns what was found.

    `expected` is what the person agreed to. Raises UserError as `find_thresholds`, and ConflictError where it is no
    longer what is found.
    """
    report = find_thresholds(engine, project_name, precision=precision, confidence=confidence)
    if expected is not None and dict(expected) != report.changes:
        raise ConflictError(f"what can be promised of {project_name!r} has changed since it was shown; look again")
    with writing(engine, by=by) as session:
        project = get_project(session, project_name)
        for stage, threshold in report.changes.items():
            set_setting(session, project, f"threshold.{stage.value}", repr(threshold))
    return report


def _report(session: Session, project: Project, precision: float, confidence: float) -> ThresholdReport:
    settings = get_settings(session, project)
    halves = judged_rows(session, project, settings)
    calibration, test = halves[Half.CALIBRATION], halves[Half.TEST]
    stages = stages_with_proposals(stage_order(settings), [calibration, test])
    # To be sure of no more decimals than the person asked for.
    delta = budget(stages, calibration, round(1 - confidence, 6))
    found = guarantee_stages(stages, calibration, settings.thresholds, target=precision, delta=delta)
    promised = {stage: one.threshold for stage, one in found.items() if one.threshold is not None}
    in_force = {**settings.thresholds, **promised}
    accepted = _accepted(session, project, replace(settings, thresholds=in_force))
    checked = check_stages(stages, test, in_force)
    return ThresholdReport(
        project=project.name,
        precision=precision,
        confidence=confidence,
        stage_confidence=1 - delta,
        least_rows=LEAST_ROWS,
        calibration=calibration.rows,
        test=test.rows,
        open=count_records(session, project) - _closed(session, project),
        stages=tuple(
            StageThreshold(
                stage=stage,
                current=settings.thresholds[stage],
                found=found[stage],
                accepted=accepted.get(stage, 0),
                test=checked[stage],
            )
            for stage in stages
        ),
    )


def _accepted(session: Session, project: Project, settings: ProjectSettings) -> dict[Stage, int]:
    """How many open records each stage settles under these settings."""
    closed = select(RecordStateRow.record_id).where(
        RecordStateRow.project_id == project.id, RecordStateRow.status.in_(_CLOSED)
    )
    record = LatestProposalRow.record_id
    first = settled_by(project, settings, record.not_in(unseen_records(project)), record.not_in(closed))
    order = stage_order(settings)
    counts = session.execute(select(first.c.place, func.count()).group_by(first.c.place))
    return {order[place]: count for place, count in counts}


def _closed(session: Session, project: Project) -> int:
    query = select(func.count()).where(RecordStateRow.project_id == project.id, RecordStateRow.status.in_(_CLOSED))
    return session.scalar(query) or 0
