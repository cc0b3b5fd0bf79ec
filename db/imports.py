"""Imports: rows that arrive in chunks under an import id and become visible together."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.engine import serialise
from db.errors import UserError
from db.latest_proposals import forget_latest
from db.records import chunks
from db.tables import AnnotationRow, ImportRow, LatestProposalRow, ProposalRow, RecordRow, table_of, utcnow
from db.types import Project

# A running import shows itself with every chunk, which takes seconds at most.
SILENCE = timedelta(minutes=10)


class StoredIdentity(NamedTuple):
    record_id: int
    text_key: str
    import_id: int | None


def start_import(session: Session, project: Project, *, file: str, cleaning: Sequence[str] = ()) -> int:
    """Begin an import and clear away what a killed one left; returns the import's id.

    Raises UserError when another import into the project is running: two at once could not tell a conflict from a twin.
    """
    serialise(session, project.id)
    unfinished = select(ImportRow).where(ImportRow.project_id == project.id, ImportRow.completed_at.is_(None))
    for row in session.scalars(unfinished).all():
        if _is_running(row):
            raise UserError(
                f"project {project.name!r}: {row.file} is being imported ({row.process}); wait until it ends"
            )
        drop_import(session, row.id)
    process = _name_of(os.getpid())
    row = ImportRow(project_id=project.id, file=file, cleaning=list(cleaning), process=process, seen_at=utcnow())
    session.add(row)
    session.flush()
    return row.id


def show_alive(session: Session, import_id: int) -> None:
    """Say that the import goes on; raises UserError when it has been taken back meanwhile."""
    shown = session.scalar(
        update(ImportRow).where(ImportRow.id == import_id).values(seen_at=utcnow()).returning(ImportRow.id)
    )
    if shown is None:
        raise UserError("this import stood still for so long that another one took it back; run it again")


def complete_import(session: Session, import_id: int, counts: Mapping[str, Any]) -> None:
    """Make everything that came under this id visible."""
    session.execute(
        update(ImportRow).where(ImportRow.id == import_id).values(completed_at=utcnow(), counts=dict(counts))
    )


def drop_import(session: Session, import_id: int) -> None:
    """Take back an import that has not completed."""
    _forget(session, RecordRow.import_id == import_id)
    for table in (AnnotationRow, ProposalRow, RecordRow):
        session.execute(delete(table).where(table.import_id == import_id))
    session.execute(delete(ImportRow).where(ImportRow.id == import_id, ImportRow.completed_at.is_(None)))


def add_records(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert record rows, given as columns of the table."""
    insert_rows(session, table_of(RecordRow), rows)


def stored_identities(session: Session, project: Project, external_ids: Sequence[str]) -> dict[str, StoredIdentity]:
    """Identities by external id, for those there are, visible or not."""
    found: dict[str, StoredIdentity] = {}
    for chunk in chunks(external_ids):
        query = select(RecordRow.external_id, RecordRow.id, RecordRow.text_key, RecordRow.import_id).where(
            RecordRow.project_id == project.id, RecordRow.external_id.in_(chunk)
        )
        found |= {
            row.external_id: StoredIdentity(row.id, row.text_key, row.import_id) for row in session.execute(query)
        }
    return found


def take_back(session: Session, import_id: int, record_ids: Sequence[int]) -> None:
    """Remove records of an unfinished import with what hangs on them."""
    _forget(session, RecordRow.import_id == import_id, RecordRow.id.in_(record_ids))
    for table, key in ((AnnotationRow, AnnotationRow.record_id), (ProposalRow, ProposalRow.record_id)):
        session.execute(delete(table).where(key.in_(record_ids), table.import_id == import_id))
    session.execute(delete(RecordRow).where(RecordRow.id.in_(record_ids), RecordRow.import_id == import_id))


def _forget(session: Session, *of: ColumnElement[bool]) -> None:
    for project_id in session.scalars(select(RecordRow.project_id).where(*of).distinct()).all():
        forget_latest(session, project_id, LatestProposalRow.record_id.in_(select(RecordRow.id).where(*of)))


def count_duplicate_texts(session: Session, import_id: int) -> int:
    """How many of an import's records share their text with an earlier one of the same import."""
    query = select(func.count(), func.count(RecordRow.text_key.distinct())).where(RecordRow.import_id == import_id)
    records, texts = session.execute(query).one()
    return int(records - texts)


def count_proposals(session: Session, import_id: int) -> tuple[int, int]:
    """How many proposals came under this id, and how many of them are off the list."""
    query = select(func.count(), func.count(case((ProposalRow.on_list, None), else_=1)))
    proposals, off_list = session.execute(query.where(ProposalRow.import_id == import_id)).one()
    return int(proposals), int(off_list)


def _name_of(pid: int) -> str:
    """A process by its machine, number and, where Linux tells, its start: numbers are given again."""
    started = ""
    with suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        started = f" of tick {after_name[19]}"
    return f"{socket.gethostname()} process {pid}{started}"


def _is_running(row: ImportRow) -> bool:
    """Whether the import still goes on: seen of late and, if it is of this machine, with its process alive."""
    if row.seen_at is not None and row.seen_at < utcnow() - SILENCE:
        return False
    host, _, rest = row.process.rpartition(" process ")
    if host != socket.gethostname():
        return True
    pid = int(rest.split()[0])
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return _name_of(pid) == row.process
    return False
