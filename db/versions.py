"""What was kept in versions, and who saved each: label sets and guidelines, read beside the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import AuditRow, GuidelineRow, LabelSetRow
from db.types import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`person` is empty for versions from before the audit log."""

    version: int
    person: str
    at: datetime


def version_subject(version: int) -> str:
    """What the audit log calls a version."""
    return f"version {version}"


def list_versions(
    session: Session, project: Project, table: type[LabelSetRow] | type[GuidelineRow], action: str
) -> list[Version]:
    """Newest first. `action` is what the audit log calls the saving of one."""
    noted = (
        select(AuditRow.subject, AuditRow.person)
        .where(AuditRow.project == project.name, AuditRow.action == action)
        .order_by(AuditRow.id)
    )
    persons = {row.subject: row.person for row in session.execute(noted)}
    kept = select(table.version, table.created_at).where(table.project_id == project.id).order_by(table.version.desc())
    return [
        Version(version=version, person=persons.get(version_subject(version), ""), at=at)
        for version, at in session.execute(kept)
    ]
