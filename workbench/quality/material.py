"""What a training of today would have to learn from and to be judged by, counted without freezing anything."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Select, String, and_, cast, distinct, func, or_, select

from db.engine import reading
from db.project_settings import ProjectSettings, get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.tables import LatestProposalRow, RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Half, Project
from db.visibility import visible


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Labelled texts by what they would serve, and stored proposals on the list.

    A little more than a training uses: a text that is there twice counts twice here. `needed` is how many test rows
    the gate asks for.
    """

    training: int
    calibration: int
    test: int
    needed: int
    proposals: int


def training_material(engine: Engine, project_name: str) -> Material:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        settings = get_settings(session, project)
        in_stream = RecordRow.blind_hash < blind_end(settings.blind_share)
        state = RecordStateRow
        gold = or_(state.category.is_not(None), state.tags.is_not(None))
        blind = and_(in_stream, or_(state.blind_category.is_not(None), state.blind_tags.is_not(None)))
        counts = select(
            _units(and_(~in_stream, gold), settings),
            _units(and_(blind, RecordRow.half == Half.CALIBRATION.value), settings),
            _units(and_(blind, RecordRow.half == Half.TEST.value), settings),
        ).join_from(state, RecordRow, RecordRow.id == state.record_id)
        training, calibration, test = session.execute(
            counts.where(state.project_id == project.id, visible(RecordRow))
        ).one()
        proposals = session.scalar(_proposals(project)) or 0
    return Material(
        training=training, calibration=calibration, test=test, needed=settings.gate_min_rows, proposals=proposals
    )


def _units(condition: ColumnElement[bool], settings: ProjectSettings) -> ColumnElement[int]:
    """How many units meet the condition: records, or their groups where those are labelled in one go."""
    if not settings.by_group:
        return func.count(RecordRow.id).filter(condition)
    unit = func.coalesce("g" + RecordRow.group, cast(RecordRow.id, String))
    return func.count(distinct(unit)).filter(condition)


def _proposals(project: Project) -> Select:
    latest = LatestProposalRow
    return select(func.count()).select_from(latest).where(latest.project_id == project.id, latest.on_list)
