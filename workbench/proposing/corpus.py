"""The project's texts, and the examples that a stage may learn from: gold outside the blind stream."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from db.engine import reading
from db.gold import gold_of
from db.groups import iterate_units
from db.records import visible_records
from db.tables import RecordRow
from db.text_keys import in_blind_stream
from db.types import Answer
from workbench.proposing.stage import Item, Task, item_of

_BATCH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    item: Item
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """`texts` are distinct; `examples` hold nothing of the blind stream, nor a twin of it."""

    texts: tuple[str, ...]
    examples: tuple[Example, ...]


def read_corpus(engine: Engine, task: Task) -> Corpus:
    texts: dict[str, str] = {}
    labelled: list[Example] = []
    blind: set[str] = set()
    with reading(engine) as session:
        gold = gold_of(session, task.project)
        for batch in iterate_units(session, task.project, task.settings, batch=_BATCH):
            for record in batch:
                texts.setdefault(record.text_key, record.text)
                if in_blind_stream(record.blind_hash, task.settings.blind_share):
                    blind.add(record.text_key)
                elif record.id in gold:
                    labelled.append(Example(item=item_of(record), answer=gold[record.id].answer))
    examples = tuple(example for example in labelled if example.item.text_key not in blind)
    return Corpus(texts=tuple(texts.values()), examples=examples)


def unit_ids(engine: Engine, task: Task, limit: int | None) -> list[int]:
    """Ids of what is to be labelled, ascending; the first `limit` of them."""
    with reading(engine) as session:
        if task.settings.by_group:
            return [r.id for batch in iterate_units(session, task.project, task.settings) for r in batch][:limit]
        query = visible_records(task.project).with_only_columns(RecordRow.id).order_by(RecordRow.id).limit(limit)
        return list(session.scalars(query))
