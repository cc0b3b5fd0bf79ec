"""Finding records by what they are, what was proposed for them and what people made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    nulls_last,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from db.annotation_log import STANDS
from db.project_settings import ProjectSettings, get_settings
from db.settling import settled_by, stage_order
from db.tables import AnnotationRow, LatestProposalRow, RecordRow, RecordStateRow
from db.text_keys import blind_end, normalise
from db.types import Project, RecordStatus, Stage, Status
from db.visibility import unseen_records, visible


class RecordSort(StrEnum):
    """In which order records are listed: as they came, by the newest annotation, how sure machines are, how long."""

    ID = "id"
    NEWEST = "newest"
    SCORE = "score"
    LENGTH = "length"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordFilter:
    """Which records; what is left empty does not matter, and what is given must all hold.

    `text` is found anywhere in a record's text in any case, `external_id` anywhere in its id. `category` and `tag` are
    gold's. The conditions on proposals (`proposed`, `proposed_tag`, `stage`, `source`, `disagrees` with gold) speak of
    one proposal, the newest of its source and on the list; `settled` is the first stage that was sure enough of its
    own, by today's thresholds; those on annotations (`person`, `since`, `until`) of one
    that stands. `since` is included, `until` is not.
    """

    text: str = ""
    external_id: str = ""
    group: str | None = None
    status: RecordStatus | None = None
    category: str | None = None
    tag: str | None = None
    proposed: str | None = None
    proposed_tag: str | None = None
    stage: Stage | None = None
    settled: Stage | None = None
    source: str | None = None
    disagrees: bool = False
    blind: bool | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: RecordSort = RecordSort.ID
    descending: bool = False

    @property
    def asks_proposals(self) -> bool:
        return self.disagrees or any(
            value is not None for value in (self.proposed, self.proposed_tag, self.stage, self.source)
        )

    @property
    def asks_annotations(self) -> bool:
        return any(value is not None for value in (self.person, self.since, self.until))


def find_records(session: Session, project: Project, wanted: RecordFilter, *, limit: int) -> list[int]:
    """Ids of the visible records that `wanted` describes, in its order, at most `limit` of them.

    The projections must hold (`db.projections.ensure_projections`).
    """
    settings = get_settings(session, project)
    sqlite = session.get_bind().dialect.name == "sqlite"
    search = _Search(project=project, wanted=wanted, settings=settings, sqlite=sqlite)
    return list(session.scalars(search.query().limit(limit)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Search:
    """A filter on its way to SQL, in which the databases differ where texts and lists are looked into."""

    project: Project
    wanted: RecordFilter
    settings: ProjectSettings
    sqlite: bool

    def query(self) -> Select[int]:
        seen = RecordRow.id.not_in(unseen_records(self.project))
        query = select(RecordRow.id).where(RecordRow.project_id == self.project.id, seen, *self._of_record())
        query = self._by_state(query)
        if self.wanted.asks_annotations:
            query = query.where(RecordRow.id.in_(self._annotated()))
        if self.wanted.asks_proposals:
            query = query.where(RecordRow.id.in_(self._proposals().add_columns(LatestProposalRow.record_id)))
        return self._ordered(query)

    def _of_record(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if needle := normalise(self.wanted.text):
            conditions.append(self._holds(RecordRow.folded, needle))
        if self.wanted.external_id:
            conditions.append(self._holds(RecordRow.external_id, self.wanted.external_id))
        if self.wanted.group is not None:
            conditions.append(RecordRow.group == self.wanted.group)
        if self.wanted.blind is not None:
            blind = RecordRow.blind_hash < blind_end(self.settings.blind_share)
            conditions.append(blind if self.wanted.blind else ~blind)
        if self.wanted.settled is not None:
            first = settled_by(self.project, self.settings)
            own = first.c.place == stage_order(self.settings).index(self.wanted.settled)
            conditions.append(RecordRow.id.in_(select(first.c.record_id).where(own)))
        return conditions

    def _holds(self, column: Any, needle: str) -> ColumnElement[bool]:
        """`needle` stands somewhere in `column`.

        On 100 000 reviews (43 MB) SQLite's GLOB takes half the time of its instr, which compares wherever the first
        byte fits, and every second byte of a Russian text is one of two. An index of trigrams answers at once but
        doubles the time of an import; a function of ours would wait for Python's lock at every record.
        """
        if not self.sqlite:
            return func.strpos(column, needle) > 0
        literally = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in needle)
        return column.op("GLOB", is_comparison=True)(f"*{literally}*")

    def _lists(self, tags: Any, tag: str) -> ColumnElement[bool]:
        """`tag` is among `tags`."""
        entries = func.json_each(tags) if self.sqlite else func.json_array_elements_text(tags)
        listed = entries.table_valued("value")
        return exists(select(1).select_from(listed).where(listed.c.value == tag))

    def _by_state(self, query: Select[int]) -> Select[int]:
        wanted, state = self.wanted, RecordStateRow
        own = and_(state.project_id == self.project.id, state.record_id == RecordRow.id)
        if wanted.status is RecordStatus.UNANSWERED:
            query = query.where(RecordRow.id.not_in(select(state.record_id).where(state.project_id == self.project.id)))
        conditions = _has_status(wanted.status)
        if wanted.category is not None:
            conditions.append(state.category == wanted.category)
        if wanted.tag is not None:
            conditions.append(self._lists(state.tags, wanted.tag))
        if conditions:
            return query.join(state, own).where(*conditions)
        return query.outerjoin(state, own) if wanted.sort is RecordSort.NEWEST else query

    def _annotated(self) -> Select[int]:
        """Records with an annotation that stands and meets the conditions."""
        wanted = self.wanted
        query = select(AnnotationRow.record_id).where(
            AnnotationRow.project_id == self.project.id,
            AnnotationRow.status != Status.UNDONE.value,
            visible(AnnotationRow),
            STANDS,
        )
        if wanted.person is not None:
            query = query.where(AnnotationRow.person == wanted.person)
        if wanted.since is not None:
            query = query.where(AnnotationRow.annotated_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AnnotationRow.annotated_at < wanted.until)
        return query

    def _proposals(self) -> Select:
        """Proposals that meet the conditions; columns are added by who asks."""
        wanted, latest, said = self.wanted, LatestProposalRow, aliased(RecordStateRow)
        query = select().select_from(latest).where(latest.project_id == self.project.id, latest.on_list)
        if wanted.proposed is not None:
            query = query.where(latest.category == wanted.proposed)
        if wanted.proposed_tag is not None:
            query = query.where(self._lists(latest.tags, wanted.proposed_tag))
        if wanted.stage is not None:
            query = query.where(latest.stage == wanted.stage.value)
        if wanted.source is not None:
            query = query.where(latest.source == wanted.source)
        if wanted.disagrees:
            same = and_(said.project_id == latest.project_id, said.record_id == latest.record_id)
            # Sets of tags are kept in one order, so that their texts can be compared.
            other_tags = cast(said.tags, Text) != cast(latest.tags, Text)
            query = query.join(said, same).where(or_(said.category != latest.category, other_tags))
        return query

    def _ordered(self, query: Select[int]) -> Select[int]:
        """In the wanted order and, where that leaves a choice, as they came; what has no place in it comes last."""
        down = self.wanted.descending
        if self.wanted.sort is RecordSort.ID:
            return query.order_by(RecordRow.id.desc() if down else RecordRow.id)
        key: Any
        if self.wanted.sort is RecordSort.SCORE:
            # Of the surest proposal: where even that one is unsure, somebody should look.
            own = self._proposals().where(LatestProposalRow.record_id == RecordRow.id)
            key = own.add_columns(func.max(LatestProposalRow.score)).scalar_subquery()
        elif self.wanted.sort is RecordSort.NEWEST:
            key = RecordStateRow.annotated_at
        else:
            return query.order_by(RecordRow.length.desc() if down else RecordRow.length, RecordRow.id)
        return query.order_by(nulls_last(key.desc() if down else key), RecordRow.id)


def _has_status(status: RecordStatus | None) -> list[ColumnElement[bool]]:
    """What the state must be; nothing for what is not known by a state."""
    state = RecordStateRow
    if status in (None, RecordStatus.UNANSWERED):
        return []
    if status is RecordStatus.FLAGGED:
        return [state.flagged.is_(True)]
    if status is RecordStatus.ANSWERED:
        return [state.status.in_((RecordStatus.ANSWERED.value, RecordStatus.WAITING.value))]
    return [state.status == status]
