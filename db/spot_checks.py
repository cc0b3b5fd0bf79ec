"""Spot checks: a stored random draw of records that stages settled, which people answer without seeing the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.records import chunks
from db.tables import RecordStateRow, SpotCheckItemRow, SpotCheckRow
from db.types import Answer, Project, RecordStatus, Stage

# The code by which a queue says why a record is there; who serves it then shows no proposal.
CHECK_REASON = "check"
_DONE = (RecordStatus.ANSWERED.value, RecordStatus.WAITING.value, RecordStatus.FLAGGED.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckItem:
    """A drawn record and the label that it had from a stage when it was drawn."""

    record_id: int
    stage: Stage
    source: str
    answer: Answer
    score: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SpotCheck:
    """`strata` counts the records of which each stage's items were drawn."""

    id: int
    seed: int
    strata: Mapping[Stage, int]
    created_at: datetime


def save_check(
    session: Session, project: Project, seed: int, strata: Mapping[Stage, int], items: Sequence[CheckItem]
) -> int:
    """Keep a draw, in the order in which its records are to be asked; it takes the place of the one before."""
    plain = {stage.value: count for stage, count in strata.items()}
    check = SpotCheckRow(project_id=project.id, seed=seed, strata=plain)
    session.add(check)
    session.flush()
    rows = [
        {
            "check_id": check.id,
            "record_id": item.record_id,
            "position": position,
            "stage": item.stage.value,
            "source": item.source,
            "category": item.answer.category,
            "tags": None if item.answer.tags is None else list(item.answer.tags),
            "score": item.score,
        }
        for position, item in enumerate(items)
    ]
    session.execute(insert(SpotCheckItemRow), rows)
    note_change(session, "check.draw", project=project.name, subject=str(check.id), new=plain)
    return check.id


def latest_check(session: Session, project: Project) -> SpotCheck | None:
    query = select(SpotCheckRow).where(SpotCheckRow.project_id == project.id).order_by(SpotCheckRow.id.desc()).limit(1)
    row = session.scalar(query)
    if row is None:
        return None
    strata = {Stage(name): count for name, count in row.strata.items()}
    return SpotCheck(id=row.id, seed=row.seed, strata=strata, created_at=row.created_at)


def check_items(session: Session, check: SpotCheck) -> list[CheckItem]:
    query = select(SpotCheckItemRow).where(SpotCheckItemRow.check_id == check.id).order_by(SpotCheckItemRow.position)
    return [
        CheckItem(
            record_id=row.record_id,
            stage=Stage(row.stage),
            source=row.source,
            answer=Answer(row.category, None if row.tags is None else tuple(row.tags)),
            score=row.score,
        )
        for row in session.scalars(query)
    ]


def unchecked_records(session: Session, project: Project) -> list[int]:
    """Records of the latest check that still wait for an answer, in its order."""
    done = select(RecordStateRow.record_id).where(
        RecordStateRow.project_id == project.id, RecordStateRow.status.in_(_DONE)
    )
    query = select(SpotCheckItemRow.record_id).where(
        SpotCheckItemRow.check_id == _latest(project), SpotCheckItemRow.record_id.not_in(done)
    )
    return list(session.scalars(query.order_by(SpotCheckItemRow.position)))


def in_check(session: Session, project: Project, record_ids: Sequence[int]) -> set[int]:
    """Those of these records that the latest check has drawn."""
    found: set[int] = set()
    for ids in chunks(record_ids):
        query = select(SpotCheckItemRow.record_id).where(
            SpotCheckItemRow.check_id == _latest(project), SpotCheckItemRow.record_id.in_(ids)
        )
        found |= set(session.scalars(query))
    return found


def _latest(project: Project) -> ColumnElement[int]:
    return select(func.max(SpotCheckRow.id)).where(SpotCheckRow.project_id == project.id).scalar_subquery()
