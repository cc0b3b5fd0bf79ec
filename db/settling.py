"""Which stage settles which records, as SQL: the twin of `db.proposals.settles` for lists and counts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, true

from db.project_settings import ProjectSettings
from db.tables import LatestProposalRow
from db.types import Kind, Project, Stage


def stage_order(settings: ProjectSettings) -> list[Stage]:
    """The project's stages in its order, then those that it does not run but that may have proposed something."""
    return list(dict.fromkeys([*settings.stages, *Stage]))


def settling(kind: Kind, settings: ProjectSettings) -> ColumnElement[bool]:
    """Whether a latest proposal ends the cascade for its record: on the list, complete and sure enough."""
    proposal = LatestProposalRow
    sure = or_(
        *(
            and_(proposal.stage == stage.value, proposal.score >= threshold)
            for stage, threshold in settings.thresholds.items()
        )
    )
    return and_(sure, *complete(kind))


def complete(kind: Kind) -> Sequence[ColumnElement[bool]]:
    """A latest proposal is on the list and says everything that the project asks for."""
    proposal = LatestProposalRow
    asked = [proposal.on_list == true()]
    asked += [proposal.category.is_not(None)] if kind.asks_category else []
    asked += [proposal.tags.is_not(None)] if kind.asks_tags else []
    return asked


def settled_by(project: Project, settings: ProjectSettings, *of: ColumnElement[bool]) -> Subquery:
    """A row per settled record: `record_id`, and `place` in `stage_order` of the first stage that was sure enough.

    `of` are further conditions on the latest proposals.
    """
    proposal = LatestProposalRow
    place = case({stage.value: at for at, stage in enumerate(stage_order(settings))}, value=proposal.stage)
    return (
        select(proposal.record_id.label("record_id"), func.min(place).label("place"))
        .where(proposal.project_id == project.id, settling(project.kind, settings), *of)
        .group_by(proposal.record_id)
        .subquery()
    )
