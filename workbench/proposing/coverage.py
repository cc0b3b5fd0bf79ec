"""How much a run would cover, counted in the database; what has to be read to be measured is measured on a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.groups import get_units
from db.projections import ensure_projections
from db.records import chunks
from db.tables import RecordRow
from workbench.proposing.corpus import unit_ids
from workbench.proposing.settled import settled_records
from workbench.proposing.stage import Item, Task, item_of

# As many are measured one by one; of more, these stand for all, which is good to a few parts in a hundred.
MEASURED = 2_000
_READ_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Records and distinct texts of a run, and those of them that no proposal has settled.

    `sample` are the open texts, all of them or evenly chosen ones that stand for them.
    """

    records: int
    texts: int
    open_records: int
    open_texts: int
    sample: tuple[Item, ...]

    def scaled(self, of_sample: int) -> int:
        """What was counted over the sample, over all open texts."""
        return round(of_sample * self.open_texts / len(self.sample)) if self.sample else 0


def covered(engine: Engine, task: Task, *, named: bool, limit: int | None) -> Coverage:
    """What a run over the first `limit` records covers; one with `named` stages asks about settled records too."""
    ids = unit_ids(engine, task, limit)
    ensure_projections(engine, task.project)
    with reading(engine) as session:
        ended = set() if named else settled_records(session, task.project, task.settings)
        left = [record_id for record_id in ids if record_id not in ended]
        keys, open_keys = _keys(session, task, ids), _keys(session, task, left)
        units = get_units(session, task.project, task.settings, left[:: max(1, -(-len(left) // MEASURED))])
    items = {(unit.text_key, unit.category): item_of(unit) for unit in units}
    return Coverage(
        records=len(ids),
        texts=len({text for text, _ in keys}),
        open_records=len(left),
        open_texts=len(open_keys),
        sample=tuple(items.values()),
    )


def _keys(session: Session, task: Task, ids: Sequence[int]) -> set[tuple[str, str | None]]:
    """(text key, category) of each; a group's joined text is not known unread, so each group counts as another."""
    if task.settings.by_group:
        return {(str(record_id), None) for record_id in ids}
    columns = select(RecordRow.text_key, RecordRow.category)
    return {
        (key, category)
        for chunk in chunks(ids, _READ_AT_A_TIME)
        for key, category in session.execute(columns.where(RecordRow.id.in_(chunk)))
    }
