"""Records: what is visible, finding them by id or by text, adding one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.tables import RecordRow
from db.text_keys import blind_hash, half, key_of_normalised, normalise
from db.types import Half, Project, Record
from db.visibility import unseen_records, visible

# Both databases limit the bound parameters of one statement.
CHUNK = 5_000


def visible_records(project: Project) -> Select[RecordRow]:
    return select(RecordRow).where(RecordRow.project_id == project.id, visible(RecordRow))


def get_records(session: Session, ids: Sequence[int]) -> list[Record]:
    """The records with these ids, in their order; an id that is not there is left out."""
    found = {
        row.id: row
        for chunk in chunks(ids)
        for row in session.scalars(select(RecordRow).where(RecordRow.id.in_(chunk)))
    }
    return [as_record(found[i]) for i in ids if i in found]


def iterate_records(session: Session, project: Project, *, after: int = 0, batch: int = 2000) -> Iterator[list[Record]]:
    """Batches of visible records by ascending id, starting behind `after`."""
    while True:
        query = visible_records(project).where(RecordRow.id > after).order_by(RecordRow.id).limit(batch)
        rows = session.execute(query.with_only_columns(*_COLUMNS)).all()
        if not rows:
            return
        yield [as_record(row) for row in rows]
        after = rows[-1].id


def count_records(session: Session, project: Project) -> int:
    """How many records of the project are visible."""
    # The two that an index counts, not the rows: these have to be read to be seen as visible.
    every = select(func.count(RecordRow.id)).where(RecordRow.project_id == project.id)
    unseen = select(func.count()).select_from(unseen_records(project).subquery())
    return (session.scalar(every) or 0) - (session.scalar(unseen) or 0)


def find_by_external_ids(session: Session, project: Project, ids: Iterable[str]) -> dict[str, Record]:
    """The visible records among `ids`, by external id."""
    found: dict[str, Record] = {}
    for chunk in chunks(list(ids)):
        query = visible_records(project).where(RecordRow.external_id.in_(chunk)).with_only_columns(*_COLUMNS)
        found |= {row.external_id: as_record(row) for row in session.execute(query)}
    return found


def find_by_text_key(session: Session, project: Project, key: str) -> list[Record]:
    query = visible_records(project).where(RecordRow.text_key == key).order_by(RecordRow.id)
    return [as_record(row) for row in session.scalars(query)]


def records_of_group(session: Session, project: Project, group: str) -> list[Record]:
    query = visible_records(project).where(RecordRow.group == group).order_by(RecordRow.id)
    return [as_record(row) for row in session.scalars(query)]


def add_record(
    session: Session,
    project: Project,
    *,
    external_id: str,
    text: str,
    group: str | None = None,
    category: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Record:
    """Add one record outside an import; the caller has made sure that the external id is free."""
    row = RecordRow(
        project_id=project.id,
        external_id=external_id,
        text=text,
        group=group,
        category=category,
        attributes=dict(attributes or {}) or None,
        **identity(text, group),
    )
    session.add(row)
    session.flush()
    return as_record(row)


def identity(text: str, group: str | None) -> dict[str, Any]:
    """The columns that follow from the text and its group: folded, text_key, blind_hash and half."""
    folded = normalise(text)
    key = key_of_normalised(folded)
    unit = key if group is None else group
    return {"folded": folded, "text_key": key, "blind_hash": blind_hash(unit), "half": half(unit).value}


_COLUMNS = (
    RecordRow.id,
    RecordRow.external_id,
    RecordRow.text,
    RecordRow.text_key,
    RecordRow.category,
    RecordRow.group,
    RecordRow.attributes,
    RecordRow.blind_hash,
    RecordRow.half,
)


def as_record(row: Any) -> Record:
    return Record(
        id=row.id,
        external_id=row.external_id,
        text=row.text,
        text_key=row.text_key,
        category=row.category,
        group=row.group,
        attributes=row.attributes or {},
        blind_hash=row.blind_hash,
        half=Half(row.half),
    )


_T = TypeVar("_T")


def chunks(items: Sequence[_T], size: int = CHUNK) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
