"""Which snapshots were frozen; their rows lie in Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import SnapshotRow
from db.types import Project


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    fingerprint: str
    counts: Mapping[str, Any]
    created_at: datetime


def save_snapshot(session: Session, project: Project, fingerprint: str, counts: Mapping[str, Any]) -> None:
    """Note a snapshot; the same fingerprint again changes nothing."""
    known = select(SnapshotRow.id).where(SnapshotRow.project_id == project.id, SnapshotRow.fingerprint == fingerprint)
    if session.scalar(known) is None:
        session.add(SnapshotRow(project_id=project.id, fingerprint=fingerprint, counts=dict(counts)))
        session.flush()


def list_snapshots(session: Session, project: Project) -> list[StoredSnapshot]:
    """Newest first."""
    query = select(SnapshotRow).where(SnapshotRow.project_id == project.id).order_by(SnapshotRow.id.desc())
    return [StoredSnapshot(row.fingerprint, row.counts, row.created_at) for row in session.scalars(query)]
