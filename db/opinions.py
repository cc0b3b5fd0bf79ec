"""What each source's newest proposal says about the category of a record: the sources' opinions, side by side.

Only what is on the list counts, and only of records that can be seen. Projections must hold (`db.projections`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Label, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from db.project_settings import get_settings
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

    What is said about a twin of the record is said about its text. Records hang together by their group, else by their
    text.
    """
    state, latest, answered, twin = RecordStateRow, LatestProposalRow, RecordRow, aliased(RecordRow)
    settings = get_settings(session, project)
    same_text = and_(twin.project_id == project.id, twin.text_key == answered.text_key)
    query = (
        select(state.blind_category, answered.group, answered.text_key, *_beside(sources))
        .select_from(state)
        .join(answered, answered.id == state.record_id)
        # A group's first record stands for all its texts, and its own may be in another group too.
        .join(twin, twin.id == answered.id if settings.by_group else same_text)
        .join(latest, and_(latest.project_id == state.project_id, latest.record_id == twin.id))
        .where(state.project_id == project.id, state.blind, state.blind_category.is_not(None))
        .where(answered.blind_hash < blind_end(settings.blind_share), *_opinions(project))
        .group_by(state.record_id, state.blind_category, answered.group, answered.text_key)
        .order_by(state.record_id)
    )
    rows = session.execute(query)
    return [(str(answer), f"g:{group}" if group else f"t:{key}", tuple(said)) for answer, group, key, *said in rows]


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
