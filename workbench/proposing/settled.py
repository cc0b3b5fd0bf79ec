"""What the stages have done so far: how much each proposed, how much it settled, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, case, func, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.project_settings import ProjectSettings, get_settings
from db.projections import ensure_projections
from db.projects import get_project
from db.records import count_records
from db.settling import settled_by, settling, stage_order
from db.tables import LatestProposalRow, ProposalRow
from db.types import Project, Stage
from db.visibility import unseen_records


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWork:
    """One source's newest proposals. `mean_score` is over those that have one; `cost` in US dollars, of all it made."""

    stage: Stage
    source: str
    proposed: int
    off_list: int
    mean_score: float | None
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`by_stage` counts the records that a stage settled: the first in the project's order that was sure enough."""

    project: Project
    settings: ProjectSettings
    records: int
    by_stage: dict[Stage, int]
    sources: tuple[SourceWork, ...]


def settled(engine: Engine, project_name: str) -> Settled:
    """Raises NotFoundError for an unknown project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        settings = get_settings(session, project)
        return Settled(
            project=project,
            settings=settings,
            records=count_records(session, project),
            by_stage=_by_stage(session, project, settings),
            sources=_sources(session, project),
        )


def _by_stage(session: Session, project: Project, settings: ProjectSettings) -> dict[Stage, int]:
    order = stage_order(settings)
    first = settled_by(project, settings, _seen(project))
    counts = session.execute(select(first.c.place, func.count()).group_by(first.c.place))
    return {order[at]: count for at, count in counts}


def _seen(project: Project) -> ColumnElement[bool]:
    return LatestProposalRow.record_id.not_in(unseen_records(project))


def settled_records(session: Session, project: Project, settings: ProjectSettings) -> set[int]:
    """Ids of the records that some proposal has settled."""
    proposal = LatestProposalRow
    query = select(proposal.record_id).where(proposal.project_id == project.id, settling(project.kind, settings))
    return set(session.scalars(query))


def _sources(session: Session, project: Project) -> tuple[SourceWork, ...]:
    proposal = LatestProposalRow
    query = (
        select(
            proposal.stage,
            proposal.source,
            func.count(),
            func.sum(case((proposal.on_list, 0), else_=1)),
            func.avg(proposal.score),
        )
        .where(proposal.project_id == project.id, _seen(project))
        .group_by(proposal.stage, proposal.source)
        .order_by(proposal.stage, proposal.source)
    )
    costs = _costs(session, project)
    return tuple(
        SourceWork(
            stage=Stage(stage),
            source=source,
            proposed=proposed,
            off_list=off_list,
            mean_score=mean,
            cost=costs.get(source, 0.0),
        )
        for stage, source, proposed, off_list, mean in session.execute(query)
    )


def _costs(session: Session, project: Project) -> dict[str, float]:
    """Only language models cost something."""
    proposal = ProposalRow
    query = (
        select(proposal.source, func.sum(proposal.cost).label("cost"))
        .where(proposal.project_id == project.id, proposal.stage == Stage.LLM.value)
        .group_by(proposal.source)
    )
    return {row.source: row.cost for row in session.execute(query)}
