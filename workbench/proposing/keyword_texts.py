"""The texts that keywords are looked for in: answered ones to learn from, and those that wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.groups import iterate_units
from db.projections import ensure_projections
from db.records import count_records
from db.tables import RecordRow, RecordStateRow
from db.text_keys import in_blind_stream
from db.visibility import visible
from workbench.proposing.stage import Task

FOLDS = 5
# As many are looked at in about two seconds; of more, those with the smallest hashes, which is a fixed random choice.
MOST_ANSWERED, MOST_OPEN = 10_000, 50_000
_KEYS = 16**8
_BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredText:
    """`fold` is the part, of `FOLDS`, that the text is in together with its group's other texts."""

    text: str
    category: str
    fold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordTexts:
    """Distinct texts. `answered` holds nothing of the blind stream, nor a twin of it; all there is, or `most` of it.

    `open` maps texts without an answer to how many of the `looked_at` records have them; these are all the
    `open_records`, or a random part. `background` are those of them that may be learned from: not the blind stream's.
    """

    answered: tuple[AnsweredText, ...]
    all_answered: int
    open: dict[str, int]
    background: tuple[str, ...]
    open_records: int
    looked_at: int

    def scaled(self, records: int) -> int:
        """What was counted in the records looked at, over all that are open."""
        return round(records * self.open_records / self.looked_at) if self.looked_at else 0


def read_texts(
    engine: Engine, task: Task, *, most_answered: int = MOST_ANSWERED, most_open: int = MOST_OPEN
) -> KeywordTexts:
    ensure_projections(engine, task.project)
    with reading(engine) as session:
        found = _Found(
            listed=frozenset(task.labels.category_names),
            blind_share=task.settings.blind_share,
            answers=_answers(session, task),
            end=_end(most_open / max(1, count_records(session, task.project))),
        )
        for row in _rows(session, task):
            found.take(row)
    return found.texts(most_answered)


def fold_of(key: str) -> int:
    """From a group or a text key: the same for ever, and independent of the blind stream."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, person=b"keywords").digest()
    return int.from_bytes(digest, "big") % FOLDS


def _end(share: float) -> str:
    """The first text key that is outside a share of them."""
    return f"{int(share * _KEYS):08x}" if share < 1 else "g"


def _answers(session: Session, task: Task) -> dict[int, tuple[str | None, datetime]]:
    """The category and time of every record that people have dealt with; no category where there is no gold."""
    state = RecordStateRow
    query = select(state.record_id, state.category, state.annotated_at).where(state.project_id == task.project.id)
    return {record_id: (category, at) for record_id, category, at in session.execute(query)}


def _rows(session: Session, task: Task) -> Iterator[Any]:
    """What is to be labelled, with id, text, text_key, blind_hash and group."""
    if task.settings.by_group:
        for batch in iterate_units(session, task.project, task.settings, batch=_BATCH):
            yield from batch
        return
    columns = (RecordRow.id, RecordRow.text, RecordRow.text_key, RecordRow.blind_hash, RecordRow.group)
    query = select(*columns).where(RecordRow.project_id == task.project.id, visible(RecordRow))
    yield from session.execute(query.execution_options(yield_per=_BATCH))


@dataclass
class _Found:
    """Sorts what is read. `end` is the first text key that is no longer looked at among the open ones."""

    listed: frozenset[str]
    blind_share: float
    answers: dict[int, tuple[str | None, datetime]]
    end: str
    stream: set[str] = field(default_factory=set)
    answered: dict[str, tuple[datetime, AnsweredText]] = field(default_factory=dict)
    open: dict[str, tuple[str, int]] = field(default_factory=dict)
    open_records: int = 0

    def take(self, row: Any) -> None:
        blind = in_blind_stream(row.blind_hash, self.blind_share)
        if blind:
            self.stream.add(row.text_key)
        if row.id not in self.answers:
            self.open_records += 1
            if row.text_key < self.end:
                text, records = self.open.get(row.text_key, (row.text, 0))
                self.open[row.text_key] = text, records + 1
            return
        category, at = self.answers[row.id]
        if not blind and category in self.listed:
            self._learn(row, category, at)

    def _learn(self, row: Any, category: str, at: datetime) -> None:
        # Of a text that was answered twice, the newest answer holds.
        if row.text_key not in self.answered or self.answered[row.text_key][0] < at:
            key = row.text_key if row.group is None else row.group
            self.answered[row.text_key] = at, AnsweredText(text=row.text, category=category, fold=fold_of(key))

    def texts(self, most: int) -> KeywordTexts:
        kept = sorted(key for key in self.answered if key not in self.stream)
        return KeywordTexts(
            answered=tuple(self.answered[key][1] for key in kept[:most]),
            all_answered=len(kept),
            open=dict(self.open.values()),
            background=tuple(text for key, (text, _) in self.open.items() if key not in self.stream),
            open_records=self.open_records,
            looked_at=sum(records for _, records in self.open.values()),
        )
