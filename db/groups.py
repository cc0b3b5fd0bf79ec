"""What people and models label in one go: a record, or in a project that works by group, a group's texts joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.project_settings import ProjectSettings
from db.records import CHUNK, as_record, chunks, get_records, iterate_records, visible_records
from db.tables import RecordRow
from db.text_keys import normalise, text_key
from db.types import Project, Record
from db.visibility import visible

CUT = " … [cut]"


def joined_text(texts: Iterable[str], max_chars: int) -> str:
    """The different texts, one a line, in order; visibly cut at `max_chars` characters."""
    distinct: dict[str, str] = {}
    for text in texts:
        distinct.setdefault(normalise(text), text)
    whole = "\n".join(distinct.values())
    return whole if len(whole) <= max_chars else whole[: max_chars - len(CUT)] + CUT


def as_unit(records: Sequence[Record], max_chars: int) -> Record:
    """One record that stands for a group: the first one's identity with the texts of all."""
    first = min(records, key=lambda record: record.id)
    text = joined_text((record.text for record in sorted(records, key=lambda record: record.id)), max_chars)
    return replace(first, text=text, text_key=text_key(text))


def iterate_units(
    session: Session, project: Project, settings: ProjectSettings, *, batch: int = 2000
) -> Iterator[list[Record]]:
    """Batches of what is to be labelled, by ascending id of the record that stands for it."""
    if not settings.by_group:
        yield from iterate_records(session, project, batch=batch)
        return
    first = func.min(RecordRow.id)
    single = func.coalesce(RecordRow.group, RecordRow.external_id)
    query = (
        select(first)
        .where(RecordRow.project_id == project.id, visible(RecordRow))
        .group_by(single, RecordRow.group.is_(None))
    )
    for ids in chunks(sorted(session.scalars(query)), batch):
        yield get_units(session, project, settings, ids)


def get_units(session: Session, project: Project, settings: ProjectSettings, ids: Sequence[int]) -> list[Record]:
    """The units these records stand for, in the order of `ids`."""
    records = get_records(session, ids)
    if not settings.by_group:
        return records
    groups = {record.group for record in records if record.group is not None}
    members = _members(session, project, sorted(groups))
    return [as_unit(members.get(record.group or "", [record]), settings.max_chars) for record in records]


def _members(session: Session, project: Project, groups: Sequence[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for chunk in chunks(groups, CHUNK):
        rows = session.scalars(visible_records(project).where(RecordRow.group.in_(chunk)).order_by(RecordRow.group))
        for group, members in groupby(rows, key=lambda row: row.group or ""):
            found.setdefault(group, []).extend(as_record(row) for row in members)
    return found
