"""Promotions: every change of champion, with the gate's reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.reasons import Reason, as_plain, from_plain
from db.tables import PromotionRow
from db.types import Project


@dataclass(frozen=True, slots=True)
class Promotion:
    """`verdict` is the gate's, or "by hand" or "rolled back"; `previous_version` is the champion before."""

    model_name: str
    version: str
    verdict: str
    reasons: tuple[Reason, ...] = ()
    previous_version: str | None = None
    run_id: str = ""
    snapshot: str = ""
    created_at: datetime | None = None
    id: int | None = None


def save_promotion(session: Session, project: Project, promotion: Promotion) -> int:
    """Returns the row's id; rows of a project only ever grow in id."""
    row = PromotionRow(
        project_id=project.id,
        model_name=promotion.model_name,
        version=promotion.version,
        previous_version=promotion.previous_version,
        run_id=promotion.run_id,
        snapshot=promotion.snapshot,
        verdict=promotion.verdict,
        reasons=as_plain(promotion.reasons),
    )
    session.add(row)
    note_change(
        session,
        "champion.set",
        project=project.name,
        subject=promotion.verdict,
        old=promotion.previous_version,
        new=promotion.version,
    )
    session.flush()
    return row.id


def list_promotions(session: Session, project: Project, *, limit: int = 50) -> list[Promotion]:
    """Newest first."""
    query = select(PromotionRow).where(PromotionRow.project_id == project.id).order_by(PromotionRow.id.desc())
    return [_promotion(row) for row in session.scalars(query.limit(limit))]


def latest_promotion(session: Session, project: Project) -> Promotion | None:
    return next(iter(list_promotions(session, project, limit=1)), None)


def _promotion(row: PromotionRow) -> Promotion:
    return Promotion(
        id=row.id,
        model_name=row.model_name,
        version=row.version,
        previous_version=row.previous_version,
        run_id=row.run_id,
        snapshot=row.snapshot,
        verdict=row.verdict,
        reasons=from_plain(row.reasons),
        created_at=row.created_at,
    )
