"""Projections: what follows from the log and from the proposals, kept ready for lists and counts.

They are written with what they follow from. What no such write does, as a migration or a changed overlap, is made good
by the next one who asks.
"""

from __future__ import annotations

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from db.engine import reading, serialise, writing
from db.latest_proposals import rebuild_latest
from db.project_settings import ProjectSettings, get_settings
from db.record_states import rebuild_states
from db.tables import ProjectionRow
from db.types import Project

# Raised with every change of what a projection holds, so that those made before are made anew.
RULES = 1


def start_projections(session: Session, project: Project) -> None:
    """A new project has nothing that anything could follow from."""
    session.add(ProjectionRow(project_id=project.id, rules=RULES, overlap=ProjectSettings().overlap))


def drop_projections(session: Session, project: Project) -> None:
    session.execute(delete(ProjectionRow).where(ProjectionRow.project_id == project.id))


def ensure_projections(engine: Engine, project: Project) -> None:
    """Make the project's projections anew where they were made by other rules or for another overlap.

    Takes some seconds for 100 000 records, and no time where nothing is to be done.
    """
    with reading(engine) as session:
        if _hold(session, project):
            return
    with writing(engine) as session:
        serialise(session, project.id)
        # Somebody else may have made them meanwhile.
        if not _hold(session, project):
            rebuild_states(session, project)
            rebuild_latest(session, project)
            overlap = get_settings(session, project).overlap
            session.merge(ProjectionRow(project_id=project.id, rules=RULES, overlap=overlap))


def _hold(session: Session, project: Project) -> bool:
    row = session.get(ProjectionRow, project.id)
    return row is not None and (row.rules, row.overlap) == (RULES, get_settings(session, project).overlap)
