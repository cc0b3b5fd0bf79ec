"""Guidelines in Markdown, by version."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.tables import GuidelineRow
from db.types import Project


def get_guidelines(session: Session, project: Project) -> tuple[int, str]:
    """(version, text) in force; (0, "") when none were written."""
    row = session.scalar(
        select(GuidelineRow).where(GuidelineRow.project_id == project.id).order_by(GuidelineRow.version.desc()).limit(1)
    )
    return (0, "") if row is None else (row.version, row.text)


def save_guidelines(session: Session, project: Project, text: str) -> int:
    """Store `text` as the next version, unless it is the one in force; returns the version in force."""
    version, current = get_guidelines(session, project)
    if version and current == text:
        return version
    session.add(GuidelineRow(project_id=project.id, version=version + 1, text=text))
    note_change(
        session,
        "guidelines.set",
        project=project.name,
        subject=f"version {version + 1}",
        old=current if version else None,
        new=text,
    )
    session.flush()
    return version + 1
