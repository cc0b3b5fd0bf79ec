"""How SQLite finds rows: what is asked at every key press must not go through tables whole."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, Select, select

from db.engine import reading
from db.tables import AnnotationRow, ProposalRow, RecordRow
from db.visibility import visible

A_FEW = tuple(range(30))


def plan(engine: Engine, query: Select[Any]) -> str:
    written = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    with reading(engine) as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (select(ProposalRow).where(ProposalRow.record_id.in_(A_FEW), visible(ProposalRow)), "record_id=?"),
        (select(AnnotationRow).where(AnnotationRow.record_id.in_(A_FEW), visible(AnnotationRow)), "record_id=?"),
        (select(RecordRow).where(RecordRow.id.in_(A_FEW), visible(RecordRow)), "rowid=?"),
        (select(RecordRow).where(RecordRow.project_id == 1, visible(RecordRow)), "project_id=?"),
    ],
    ids=["proposals", "annotations", "records", "a project's records"],
)
def test_visible_rows_are_looked_up_by_what_they_belong_to(sqlite: Engine, query: Select[Any], index: str) -> None:
    told = plan(sqlite, query)
    assert index in told
    # Nearly all rows have the same entry in an index of imports.
    assert "import_id" not in told
    assert "MULTI-INDEX" not in told
