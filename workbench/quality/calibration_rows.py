"""What the stages proposed for the blind stream, beside what people said without seeing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from db.project_settings import ProjectSettings
from db.settling import complete
from db.tables import LatestProposalRow, RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Half, Project, Stage
from db.visibility import unseen_records


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedRows:
    """`rows` of one half of the stream, and by stage (rows,): the score, NaN where it proposed nothing, and whether it
    proposed the category that people gave."""

    rows: int
    scores: Mapping[Stage, NDArray[np.float64]]
    right: Mapping[Stage, NDArray[np.bool_]]


def judged_rows(session: Session, project: Project, settings: ProjectSettings) -> dict[Half, JudgedRows]:
    """Both halves of the blind stream, as far as people have answered it blind.

    Where a stage has several sources, the surest speaks, as it does for the cascade. A text counts once, and so does a
    group: its records are alike, and the guarantee rests on independent rows; which of them counts is a fixed random
    choice. The projections must hold (`db.projections.ensure_projections`).
    """
    units: dict[str, dict[int, list[Any]]] = {}
    for row in session.execute(_query(project, settings)):
        unit = row.text_key if row.group is None else f"group {row.group}"
        units.setdefault(unit, {}).setdefault(row.record_id, []).append(row)
    chosen = [min(of.values(), key=lambda rows: (rows[0].text_key, rows[0].record_id)) for of in units.values()]
    return {half: _arrays([rows for rows in chosen if rows[0].half == half]) for half in Half}


def _query(project: Project, settings: ProjectSettings) -> Select:
    """A row per answered record and proposal, the less sure first; one without proposals has a row too."""
    state, latest = RecordStateRow, LatestProposalRow
    proposed = and_(
        latest.project_id == state.project_id,
        latest.record_id == state.record_id,
        latest.score.is_not(None),
        *complete(project.kind),
    )
    return (
        select(
            state.record_id,
            RecordRow.text_key,
            RecordRow.group,
            RecordRow.half,
            state.blind_category.label("answer"),
            latest.stage,
            latest.score,
            latest.category,
        )
        .select_from(state)
        .join(RecordRow, RecordRow.id == state.record_id)
        .outerjoin(latest, proposed)
        .where(
            state.project_id == project.id,
            state.blind,
            state.blind_category.is_not(None),
            RecordRow.blind_hash < blind_end(settings.blind_share),
            RecordRow.id.not_in(unseen_records(project)),
        )
        .order_by(state.record_id, latest.score, latest.proposal_id.desc())
    )


def _arrays(chosen: list[list[Any]]) -> JudgedRows:
    scores = {stage: np.full(len(chosen), np.nan) for stage in Stage}
    right = {stage: np.zeros(len(chosen), dtype=bool) for stage in Stage}
    for place, rows in enumerate(chosen):
        for row in rows:
            if row.stage is not None:
                scores[Stage(row.stage)][place] = row.score
                right[Stage(row.stage)][place] = row.category == row.answer
    return JudgedRows(rows=len(chosen), scores=scores, right=right)
