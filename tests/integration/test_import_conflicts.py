"""Ids that stand for different texts: no order of rows and no chunk decides what is taken."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from db.engine import make_engine, reading, writing
from db.migrate import upgrade
from db.tables import (
    AnnotationRow,
    ImportRow,
    LabelSetRow,
    LatestProposalRow,
    ProjectionRow,
    ProjectRow,
    ProposalRow,
    RecordRow,
    RecordStateRow,
)
from db.types import Kind
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest, ImportSummary, ProposalColumn

CONFLICT = [("1", "a", "X"), ("1", "a", "X"), ("1", "b", "Y"), ("2", "c", "X"), ("3", "d", "Y"), ("3", "d", "Y")]


def load(engine: Engine, home: Path, rows: list[tuple[str, str, str]]) -> ImportSummary:
    path = home / "f.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("id", "text", "label"), *rows])
    request = ImportRequest(
        path=path,
        project="p",
        kind=Kind.CATEGORY,
        id_column="id",
        labels_column="label",
        by="me",
        proposal_columns=(ProposalColumn(column="label", source="m"),),
    )
    return import_file(engine, request, home=home)


def state(engine: Engine) -> dict[str, Any]:
    """What there is, without row ids."""
    with reading(engine) as session:
        of_record = RecordRow.id == AnnotationRow.record_id
        said = select(RecordRow.external_id, AnnotationRow.category).join(AnnotationRow, of_record)
        proposed = select(RecordRow.external_id, ProposalRow.category).join(
            ProposalRow, RecordRow.id == ProposalRow.record_id
        )
        label_set = session.scalar(select(LabelSetRow.definition).order_by(LabelSetRow.version.desc()))
        return {
            "records": sorted(map(tuple, session.execute(select(RecordRow.external_id, RecordRow.text)))),
            "said": sorted(map(tuple, session.execute(said))),
            "proposed": sorted(map(tuple, session.execute(proposed))),
            "labels": sorted(c["name"] for c in (label_set or {"categories": []})["categories"]),
        }


def counts(summary: ImportSummary) -> tuple[int, ...]:
    return (
        summary.rows,
        summary.accepted,
        summary.new_records,
        summary.rejected,
        summary.conflicts,
        summary.duplicates,
        summary.annotations,
        summary.proposals,
    )


def empty(engine: Engine) -> None:
    """Take everything away, the log too: only a test's database may."""
    with writing(engine) as session:
        session.execute(ImportRow.__table__.update().values(completed_at=None))
        projections = (RecordStateRow, LatestProposalRow, ProjectionRow)
        for table in (*projections, AnnotationRow, ProposalRow, RecordRow, ImportRow, LabelSetRow, ProjectRow):
            session.execute(delete(table))


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_all_rows_of_a_conflicting_id_are_rejected_wherever_chunks_end(
    engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("workbench.exchange.import_run.CHUNK", chunk)
    summary = load(engine, home, CONFLICT)
    assert counts(summary) == (6, 3, 2, 3, 3, 1, 2, 2)
    assert state(engine) == {
        "records": [("2", "c"), ("3", "d")],
        "said": [("2", "X"), ("3", "Y")],
        "proposed": [("2", "X"), ("3", "Y")],
        "labels": ["X", "Y"],
    }
    with (home / "f.csv.rejected.csv").open(newline="") as stream:
        rejected = list(csv.reader(stream))
    reason = "id '1' comes with different texts"
    assert rejected[1:] == [[str(n + 2), reason, *CONFLICT[n]] for n in (0, 1, 2)]


def test_the_result_is_the_same_in_every_order_of_a_few_rows(sqlite: Engine, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("workbench.exchange.import_run.CHUNK", 2)
    seen = set()
    for rows in set(itertools.permutations(CONFLICT[:4])):
        seen.add((counts(load(sqlite, home, list(rows))), str(state(sqlite))))
        empty(sqlite)
    assert len(seen) == 1


ids = st.sampled_from("123456")
texts = st.sampled_from("abc")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all examples; each leaves it empty."""
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('kept') / 'w.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.tuples(ids, texts), min_size=2, max_size=12), st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_shuffled_file_in_any_chunks_gives_the_same(kept: Engine, pairs: list, chunk: int, random: Any) -> None:
    rows = [(i, text, f"L{i}") for i, text in pairs]
    # Something is always taken, else the import is refused as a whole.
    rows.append(("safe", "s", "S"))
    shuffled = rows.copy()
    random.shuffle(shuffled)
    outcomes = []
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        for order, size in ((rows, 100), (shuffled, chunk)):
            patch.setattr("workbench.exchange.import_run.CHUNK", size)
            outcomes.append((counts(load(kept, Path(folder), order)), state(kept)))
            empty(kept)
    assert outcomes[0] == outcomes[1]


def test_an_id_that_is_there_from_before_keeps_its_text(engine: Engine, home: Path) -> None:
    load(engine, home, [("1", "a", "X"), ("2", "b", "X")])
    summary = load(engine, home, [("1", "z", "X"), ("1", "a", "X"), ("2", "b", "X"), ("3", "c", "X")])
    assert counts(summary) == (4, 3, 1, 1, 1, 0, 1, 3)
    assert summary.known_records == 2
    assert summary.first_reason == "line 2: id '1' is already there with another text"
    assert state(engine)["records"] == [("1", "a"), ("2", "b"), ("3", "c")]
