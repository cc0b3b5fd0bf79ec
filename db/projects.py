"""Projects: naming, finding and making them."""

from __future__ import annotations

import re

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.engine import serialise
from db.errors import NotFoundError, UserError
from db.projections import drop_projections, start_projections
from db.tables import ProjectRow
from db.types import Kind, Project

# A project's name becomes a model's name, a part of addresses and of file names.
_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w-])?")


def check_name(name: str) -> str:
    """`name`, if it may name a project; raises UserError otherwise."""
    if not _NAME.fullmatch(name):
        raise UserError(
            f"project name {name[:80]!r}: use 1–64 letters, digits, spaces, '.', '_' or '-', "
            "starting with a letter or digit"
        )
    return name


def list_projects(session: Session) -> list[Project]:
    return [_project(row) for row in session.scalars(select(ProjectRow).order_by(ProjectRow.name))]


def find_project(session: Session, name: str) -> Project | None:
    row = session.scalar(select(ProjectRow).where(ProjectRow.name == name))
    return None if row is None else _project(row)


def get_project(session: Session, name: str) -> Project:
    """Raises NotFoundError, naming the projects there are."""
    project = find_project(session, check_name(name))
    if project is None:
        known = ", ".join(p.name for p in list_projects(session)) or "none yet"
        raise NotFoundError(
            f"no project {name!r} (projects: {known}); create it with: workbench import FILE --project {name} --kind …"
        )
    return project


def create_project(session: Session, name: str, kind: Kind) -> Project:
    """Raises UserError for a bad or taken name."""
    serialise(session, 0)
    if find_project(session, check_name(name)) is not None:
        raise UserError(f"project {name!r} exists already")
    row = ProjectRow(name=name, kind=kind.value)
    session.add(row)
    note_change(session, "project.create", project=name, new=kind.value)
    session.flush()
    project = _project(row)
    start_projections(session, project)
    return project


def drop_empty_project(session: Session, project: Project) -> None:
    """Take back a project that nothing was put into."""
    note_change(session, "project.drop", project=project.name, old=project.kind.value)
    drop_projections(session, project)
    session.execute(delete(ProjectRow).where(ProjectRow.id == project.id))


def _project(row: ProjectRow) -> Project:
    return Project(id=row.id, name=row.name, kind=Kind(row.kind))
