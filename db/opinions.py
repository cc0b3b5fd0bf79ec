"""What each source's newest proposal says about the category of a record: the sources' opinions, side by side.

Only what is on the list counts, and only of records that can be seen. Projections must hold (`db.projections`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Label, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from db.project_settings import get_settings
from db.records import chunks
from db.tables import LatestProposalRow, RecordRow, RecordStateRow
from db.text_keys import blind_end
from db.types import Project
from db.visibility import unseen_records

# Of each source what it says, None where it says nothing.
Said = tuple[str | None, ...]


def opinion_sources(session: Session, project: Project) -> list[str]:
    """Every source with an opinion, by name."""
    query = select(LatestProposalRow.source).where(*_opinions(project)).distinct()
    return sorted(session.scalars(query))


def count_opinions(session: Session, project: Project, sources: Sequence[str]) -> list[tuple[Said, int]]:
    """What these sources say together, with how many records they say it about."""
    beside = select(*_beside(sources)).where(*_opinions(project)).group_by(LatestProposalRow.record_id).subquery()
    query = select(*beside.c, func.count()).group_by(*beside.c)
    return [(tuple(said), count) for *said, count in session.execute(query)]


def blind_opinions(session: Session, project: Project, sources: Sequence[str]) -> list[tuple[str, str, Said]]:
    """(the blind answer, what the record hangs together with, what these sources say) of the blind stream's records.

    What is said about a twin of the record is said about its text, where nothing is said about itself. Records hang
    together by their group, else by their text. Answers to what no source has an opinion on are left out.
    """
    answered = session.execute(_answered(session, project)).all()
    # By the records: SQLite would go through all proposals for each answer.
    told = _told(session, project, sorted({row.twin_id for row in answered}))
    about: dict[int, dict[str, str]] = {}
    for row in answered:
        about[row.record_id] = told.get(row.twin_id, {}) | about.get(row.record_id, {})
    rows = {row.record_id: row for row in answered if about[row.record_id]}
    return [
        (row.answer, f"g:{row.group}" if row.group else f"t:{row.text_key}", tuple(map(about[record_id].get, sources)))
        for record_id, row in rows.items()
    ]


def _answered(session: Session, project: Project) -> Select:
    """The blind answers of the stream, with a row for each record of the same text, the answered one first."""
    state, answered, twin = RecordStateRow, RecordRow, aliased(RecordRow)
    settings = get_settings(session, project)
    same_text = and_(twin.project_id == project.id, twin.text_key == answered.text_key)
    answer = state.blind_category.label("answer")
    return (
        select(state.record_id, answer, answered.group, answered.text_key, twin.id.label("twin_id"))
        .select_from(state)
        .join(answered, answered.id == state.record_id)
        # A group's first record stands for all its texts, and its own may be in another group too.
        .join(twin, twin.id == answered.id if settings.by_group else same_text)
        .where(state.project_id == project.id, state.blind, state.blind_category.is_not(None))
        .where(answered.blind_hash < blind_end(settings.blind_share))
        .order_by(state.record_id, twin.id != state.record_id, twin.id)
    )


def _told(session: Session, project: Project, record_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What each source says about these records."""
    latest = LatestProposalRow
    query = select(latest.record_id, latest.source, latest.category).where(*_opinions(project))
    found: dict[int, dict[str, str]] = {}
    for ids in chunks(record_ids):
        for record_id, source, said in session.execute(query.where(latest.record_id.in_(ids))):
            found.setdefault(record_id, {})[source] = str(said)
    return found


def iterate_opinions(session: Session, project: Project) -> Iterator[tuple[int, str, str, str]]:
    """(record id, text key, source, category) of every opinion, by record and source."""
    latest = LatestProposalRow
    query = (
        select(latest.record_id, RecordRow.text_key, latest.source, latest.category)
        .join(RecordRow, RecordRow.id == latest.record_id)
        .where(*_opinions(project))
        .order_by(latest.record_id, latest.source)
    )
    yield from ((record_id, key, source, str(said)) for record_id, key, source, said in session.execute(query))


def _opinions(project: Project) -> tuple[ColumnElement[bool], ...]:
    latest = LatestProposalRow
    unseen = latest.record_id.not_in(unseen_records(project))
    return latest.project_id == project.id, latest.on_list.expression, latest.category.is_not(None), unseen


def _beside(sources: Sequence[str]) -> list[Label[str | None]]:
    """A column for each source, of the rows of one record."""
    latest = LatestProposalRow
    return [
        func.max(case((latest.source == source, latest.category))).label(f"said_{place}")
        for place, source in enumerate(sources)
    ]
