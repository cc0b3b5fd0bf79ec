"""`workbench annotate`: a person's answers from a file, taken by the same rules as from the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.projects import get_project
from db.records import find_by_external_ids
from db.types import Project
from workbench.exchange.parsing import RowFault, parse_tags
from workbench.files.reading import TableFile, open_table
from workbench.files.rejects import Rejects
from workbench.files.rows import Row, as_text
from workbench.queues.curation import apply
from workbench.queues.curation_types import Action, ActionKind

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateSummary:
    project: str
    by: str
    rows: int
    annotations: int
    rejected: int
    rejected_file: str | None
    first_reason: str


def annotate_file(engine: Engine, project_name: str, path: Path, *, by: str, home: Path) -> AnnotateSummary:
    """Save every row's answer as `by`'s; rows that cannot be taken go to FILE.rejected.csv with the reason.

    Columns: id, and category or tags or both. Raises UserError when a column is missing or no row can be taken.
    """
    if not by.strip():
        raise UserError("--by NAME is needed: whose annotations are they?")
    with reading(engine) as session:
        project = get_project(session, project_name)
    table = open_table(path)
    asked = [
        name for name, asks in (("category", project.kind.asks_category), ("tags", project.kind.asks_tags)) if asks
    ]
    table.require("id", asked[0])
    rejects, saved = Rejects(), 0
    rows = iter(table.rows)
    count = 0
    while batch := list(islice(rows, BATCH)):
        count += len(batch)
        saved += _save(engine, project, by, batch, rejects)
    return _summary(project, by, table, count, saved, rejects, home)


def _save(engine: Engine, project: Project, by: str, rows: list[Row], rejects: Rejects) -> int:
    actions = dict(_actions(engine, project, rows, rejects))
    if not actions:
        return 0
    results = apply(engine, project.name, person=by, holder="file", actions=list(actions))
    refused = {result.client_id: result.refusal for result in results if result.refusal is not None}
    for action, row in actions.items():
        if (refusal := refused.get(action.client_id)) is not None:
            rejects.add(row, refusal.message)
    return len(actions) - len(refused)


def _actions(engine: Engine, project: Project, rows: list[Row], rejects: Rejects) -> Iterator[tuple[Action, Row]]:
    with reading(engine) as session:
        records = find_by_external_ids(session, project, [as_text(row.values.get("id")).strip() for row in rows])
    for row in rows:
        record = records.get(as_text(row.values.get("id")).strip())
        try:
            if row.fault:
                raise RowFault(row.fault)
            if record is None:
                raise RowFault(f"no record with the id {as_text(row.values.get('id'))[:80]!r}")
            yield _action(row, record.id), row
        except RowFault as fault:
            rejects.add(row, str(fault))


def _action(row: Row, record_id: int) -> Action:
    return Action(
        client_id=uuid4().hex,
        record_id=record_id,
        kind=ActionKind.CHOOSE,
        category=as_text(row.values.get("category")).strip() or None,
        tags=parse_tags(row.values.get("tags")),
    )


def _summary(
    project: Project, by: str, table: TableFile, rows: int, saved: int, rejects: Rejects, home: Path
) -> AnnotateSummary:
    rejected_file = rejects.write(table.path, table.columns, home)
    if not saved:
        reason = f"; {rejects.first_reason} (all of them: {rejected_file})" if rejects.count else ""
        raise UserError(f"{table.path}: none of {rows} rows can be taken{reason}")
    return AnnotateSummary(
        project=project.name,
        by=by,
        rows=rows,
        annotations=saved,
        rejected=rejects.count,
        rejected_file=None if rejected_file is None else str(rejected_file),
        first_reason=rejects.first_reason,
    )
