"""Guidelines in Markdown, by version."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.engine import serialise
from db.errors import ConflictError, NotFoundError, UserError
from db.tables import GuidelineRow
from db.types import Project
from db.versions import Version, list_versions, version_subject

MAX_GUIDELINES = 50_000
_ACTION = "guidelines.set"


def get_guidelines(session: Session, project: Project) -> tuple[int, str]:
    """(version, text) in force; (0, "") when none were written."""
    row = session.scalar(
        select(GuidelineRow).where(GuidelineRow.project_id == project.id).order_by(GuidelineRow.version.desc()).limit(1)
    )
    return (0, "") if row is None else (row.version, row.text)


def get_guidelines_version(session: Session, project: Project, version: int) -> str:
    """The text of one version; raises NotFoundError when there is none."""
    text = session.scalar(
        select(GuidelineRow.text).where(GuidelineRow.project_id == project.id, GuidelineRow.version == version)
    )
    if text is None:
        raise NotFoundError(f"project {project.name!r} has no guidelines version {version}")
    return text


def guideline_versions(session: Session, project: Project) -> list[Version]:
    """Every version, newest first, with who saved it where the audit log knows."""
    return list_versions(session, project, GuidelineRow, _ACTION)


def save_guidelines(session: Session, project: Project, text: str, *, based_on: int | None = None) -> int:
    """Store `text` as the next version, unless it is the one in force; returns the version in force.

    `based_on` is the version that was edited: raises ConflictError when it is no longer the one in force, and
    UserError for a text that is too long.
    """
    if len(text) > MAX_GUIDELINES:
        raise UserError(f"the guidelines have {len(text)} characters; at most {MAX_GUIDELINES} are taken")
    serialise(session, project.id)
    version, current = get_guidelines(session, project)
    if based_on is not None and based_on != version:
        raise ConflictError(
            f"the guidelines of {project.name!r} were saved by somebody else meanwhile (version {version}, you edited "
            f"version {based_on}); look at what changed and save again"
        )
    if current == text:
        return version
    session.add(GuidelineRow(project_id=project.id, version=version + 1, text=text))
    note_change(
        session,
        _ACTION,
        project=project.name,
        subject=version_subject(version + 1),
        old=current if version else None,
        new=text,
    )
    session.flush()
    return version + 1
