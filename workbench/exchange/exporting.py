"""`workbench export`: gold, annotations, proposals or a snapshot, in our columns or another tool's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.annotation_log import all_annotations, standing
from db.engine import reading
from db.errors import UserError
from db.gold import gold_of
from db.groups import get_units, iterate_units
from db.project_settings import get_settings
from db.projects import get_project
from db.proposals import latest_by_source, proposals_for
from db.records import chunks, get_records
from db.snapshots import list_snapshots
from db.types import Annotation, Answer, Project
from workbench.exchange.tool_formats import TOOL_WRITERS
from workbench.files.reading import open_table
from workbench.files.writing import table_writer

BATCH = 5_000
Rows = Iterator[dict[str, Any]]


class What(StrEnum):
    GOLD = "gold"
    ANNOTATIONS = "annotations"
    PROPOSALS = "proposals"
    SNAPSHOT = "snapshot"


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    LABEL_STUDIO = "label-studio"
    ARGILLA = "argilla"
    DOCCANO = "doccano"


COLUMNS = {
    What.GOLD: ("id", "text", "category", "tags", "annotators", "agreement", "blind"),
    What.ANNOTATIONS: ("id", "text", "category", "tags", "by", "status", "blind", "annotated_at"),
    What.PROPOSALS: ("id", "text", "category", "tags", "score", "stage", "source", "version", "rationale"),
}


def export_file(engine: Engine, project_name: str, *, what: What, format: Format, target: Path, snapshots: Path) -> int:
    """Write the file and return how many rows it has; `snapshots` is the folder of their Parquet files.

    CSV cells that a spreadsheet would run as formulas are escaped. Raises UserError for no project, no snapshot, a
    format that cannot hold what is asked, or a place that cannot be written.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
        if what is What.SNAPSHOT:
            columns, rows = _snapshot_rows(session, project, snapshots)
        else:
            columns, rows = COLUMNS[what], _ROWS[what](session, project)
        if format in TOOL_WRITERS:
            if what is What.SNAPSHOT:
                raise UserError(
                    f"--format {format.value} holds gold, annotations or proposals; use csv, jsonl or parquet"
                )
            return TOOL_WRITERS[format](target, _standing_rows(session, project) if what is What.ANNOTATIONS else rows)
        return _write(target, columns, rows, format)


def _write(target: Path, columns: tuple[str, ...], rows: Rows, format: Format) -> int:
    count = 0
    with table_writer(target, columns, escape=True, kind=format.value) as write:
        while batch := list(islice(rows, BATCH)):
            write(batch)
            count += len(batch)
    return count


def _gold_rows(session: Session, project: Project) -> Rows:
    gold = gold_of(session, project)
    for units in iterate_units(session, project, get_settings(session, project), batch=BATCH):
        for unit in units:
            if (label := gold.get(unit.id)) is not None:
                yield {
                    "id": unit.external_id,
                    "text": unit.text,
                    **_answer(label.answer),
                    "annotators": list(label.annotators),
                    "agreement": round(label.agreement, 4),
                    "blind": label.blind,
                }


def _annotation_rows(session: Session, project: Project) -> Rows:
    """The whole log, also of records that another one of their group stands for."""
    return _logged_rows(session, project, list)


def _standing_rows(session: Session, project: Project) -> Rows:
    """The answers that hold, for tools that know no undoing."""
    return _logged_rows(session, project, standing)


def _logged_rows(session: Session, project: Project, kept: Callable[[list[Annotation]], list[Annotation]]) -> Rows:
    log = all_annotations(session, project)
    settings = get_settings(session, project)
    for ids in chunks(sorted(log), BATCH):
        units = get_units(session, project, settings, ids)
        for record, unit in zip(get_records(session, ids), units, strict=True):
            for annotation in kept(log[record.id]):
                yield {
                    "id": record.external_id,
                    "text": unit.text if unit.id == record.id else record.text,
                    **_answer(annotation.answer),
                    "by": annotation.person,
                    "status": annotation.status.value,
                    "blind": annotation.blind,
                    "annotated_at": None if annotation.annotated_at is None else annotation.annotated_at.isoformat(),
                }


def _proposal_rows(session: Session, project: Project) -> Rows:
    for units in iterate_units(session, project, get_settings(session, project), batch=BATCH):
        proposals = proposals_for(session, [unit.id for unit in units])
        for unit in units:
            for proposal in latest_by_source(proposals.get(unit.id, ())):
                yield {
                    "id": unit.external_id,
                    "text": unit.text,
                    **_answer(proposal.answer),
                    "score": proposal.score,
                    "stage": proposal.stage.value,
                    "source": proposal.source,
                    "version": proposal.version,
                    "rationale": proposal.rationale,
                }


def _snapshot_rows(session: Session, project: Project, snapshots: Path) -> tuple[tuple[str, ...], Rows]:
    """The newest snapshot's rows, as they were frozen."""
    stored = list_snapshots(session, project)
    if not stored:
        raise UserError(f"project {project.name!r} has no snapshot yet; python -m training.retrain makes one")
    table = open_table(snapshots / f"{stored[0].fingerprint}.parquet")
    columns = ("id", *(name for name in table.columns if name != "id"))
    return columns, (dict(row.values) for row in table.rows)


def _answer(answer: Answer) -> dict[str, Any]:
    return {"category": answer.category, "tags": None if answer.tags is None else list(answer.tags)}


_ROWS: dict[What, Callable[[Session, Project], Rows]] = {
    What.GOLD: _gold_rows,
    What.ANNOTATIONS: _annotation_rows,
    What.PROPOSALS: _proposal_rows,
}
