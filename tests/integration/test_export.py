"""Exports, column by column."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.proposals import save_proposals
from db.records import add_record
from db.snapshots import save_snapshot
from db.types import Annotation, Answer, Kind, Project, Proposal, Stage, Status
from workbench.exchange.exporting import Format, What, export_file
from workbench.files.writing import table_writer

GOLD = ["id", "text", "category", "tags", "annotators", "agreement", "blind"]
ANNOTATIONS = ["id", "text", "category", "tags", "by", "status", "blind", "annotated_at"]
PROPOSALS = ["id", "text", "category", "tags", "score", "stage", "source", "version", "rationale"]


@pytest.fixture
def project(engine: Engine) -> Project:
    """Two people on record 1 (one answer undone), one on record 2, nobody on 3; proposals on 1 and 3."""
    with writing(engine) as session:
        made = create_project(session, "p", Kind.BOTH)
        save_label_set(session, made, parse_label_set({"categories": ["A", "B"], "tags": {"A": ["x"]}}))
        ids = [
            add_record(session, made, external_id=e, text=t, group="g").id
            for e, t in (("-1", "=юбка"), ("2", 'a,\n"b"'), ("3", "c"))
        ]
        log = [
            Annotation(ids[0], "ann", Status.GIVEN, Answer("A", ("x",)), blind=True, client_id="1"),
            Annotation(ids[0], "bob", Status.CORRECTED, Answer("B", ()), client_id="2"),
            Annotation(ids[0], "bob", Status.UNDONE, client_id="3", undoes="2"),
            Annotation(ids[1], "bob", Status.GIVEN, Answer("B", ()), client_id="4"),
            Annotation(ids[1], "ann", Status.SKIPPED, client_id="5"),
        ]
        save_annotations(session, made, log)
        offers = [
            Proposal(ids[0], Stage.KEYWORDS, "keywords", Answer("A"), None, rationale="+word"),
            Proposal(ids[0], Stage.MODEL, "model", Answer("A"), 0.25, version="1"),
            Proposal(ids[0], Stage.MODEL, "model", Answer("B", ("x",)), 0.75, version="2"),
            Proposal(ids[2], Stage.LLM, "llm", Answer(None, ("x",)), 1.0),
        ]
        save_proposals(session, made, offers)
        return made


def export(engine: Engine, home: Path, what: What, format: Format) -> Path:
    export_file(engine, "p", what=what, format=format, target=home / "out", snapshots=home)
    return home / "out"


def table(engine: Engine, home: Path, what: What) -> list[dict[str, str]]:
    with export(engine, home, what, Format.CSV).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_gold_has_its_columns_in_order_and_formulas_are_text(engine: Engine, home: Path, project: Project) -> None:
    first, second = table(engine, home, What.GOLD)
    assert list(first) == GOLD
    assert list(first.values()) == ["'-1", "'=юбка", "A", '["x"]', '["ann"]', "1.0", "True"]
    assert list(second.values()) == ["2", 'a,\n"b"', "B", "[]", '["bob"]', "1.0", "False"]


def test_annotations_are_the_whole_log_with_undone_rows(engine: Engine, home: Path, project: Project) -> None:
    rows = table(engine, home, What.ANNOTATIONS)
    assert list(rows[0]) == ANNOTATIONS
    said = [(r["id"], r["by"], r["status"], r["category"], r["tags"], r["blind"]) for r in rows]
    assert said == [
        ("'-1", "ann", "given", "A", '["x"]', "True"),
        ("'-1", "bob", "corrected", "B", "[]", "False"),
        ("'-1", "bob", "undone", "", "", "False"),
        ("2", "bob", "given", "B", "[]", "False"),
        ("2", "ann", "skipped", "", "", "False"),
    ]
    assert all(r["annotated_at"].endswith("+00:00") for r in rows)


def test_proposals_are_one_row_for_each_record_and_source(engine: Engine, home: Path, project: Project) -> None:
    rows = table(engine, home, What.PROPOSALS)
    assert list(rows[0]) == PROPOSALS
    assert [list(r.values())[2:] for r in rows] == [
        ["A", "", "", "keywords", "keywords", "", "'+word"],
        ["B", '["x"]', "0.75", "model", "model", "2", ""],
        ["", '["x"]', "1.0", "llm", "llm", "", ""],
    ]


def test_jsonl_and_parquet_keep_types_and_write_texts_as_they_are(engine: Engine, home: Path, project: Project) -> None:
    expected: list[dict[str, Any]] = [
        dict(zip(GOLD, ("-1", "=юбка", "A", ["x"], ["ann"], 1.0, True), strict=True)),
        dict(zip(GOLD, ("2", 'a,\n"b"', "B", [], ["bob"], 1.0, False), strict=True)),
    ]
    lines = export(engine, home, What.GOLD, Format.JSONL).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == expected
    assert pq.read_table(export(engine, home, What.GOLD, Format.PARQUET)).to_pylist() == expected


def test_parquet_takes_scores_that_come_later_than_the_first_batch(
    engine: Engine, home: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.exchange.exporting.BATCH", 1)
    written = pq.read_table(export(engine, home, What.PROPOSALS, Format.PARQUET))
    assert written["score"].to_pylist() == [None, 0.75, 1.0]
    assert written["tags"].to_pylist() == [None, ["x"], ["x"]]


def test_undone_answers_are_not_handed_to_other_tools(engine: Engine, home: Path, project: Project) -> None:
    tasks = json.loads(export(engine, home, What.ANNOTATIONS, Format.LABEL_STUDIO).read_text(encoding="utf-8"))
    assert [[a["completed_by"]["email"] for a in task["annotations"]] for task in tasks] == [["ann"], ["bob"]]
    suggested = json.loads(export(engine, home, What.PROPOSALS, Format.ARGILLA).read_text(encoding="utf-8"))
    assert [sorted(entry["suggestions"]) for entry in suggested] == [["category", "tags"], ["tags"]]
    labelled = export(engine, home, What.GOLD, Format.DOCCANO).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["label"] for line in labelled] == [["A", "x"], ["B"]]


def test_a_project_by_group_exports_the_group_and_loses_nobodys_answers(
    engine: Engine, home: Path, project: Project
) -> None:
    with writing(engine) as session:
        set_setting(session, project, "by_group", "true")
    (gold,) = table(engine, home, What.GOLD)
    assert gold["text"] == '\'=юбка\na,\n"b"\nc'
    rows = table(engine, home, What.ANNOTATIONS)
    assert [(r["id"], r["text"].count("\n")) for r in rows] == [("'-1", 3)] * 3 + [("2", 1)] * 2


@pytest.mark.parametrize("what", [What.GOLD, What.ANNOTATIONS, What.PROPOSALS])
@pytest.mark.parametrize("format", Format)
def test_an_empty_project_exports_an_empty_file(sqlite: Engine, home: Path, what: What, format: Format) -> None:
    with writing(sqlite) as session:
        create_project(session, "p", Kind.BOTH)
    assert export_file(sqlite, "p", what=what, format=format, target=home / "out", snapshots=home) == 0
    assert (home / "out").is_file()


def test_a_snapshot_is_exported_as_it_was_frozen_with_its_id_first(sqlite: Engine, home: Path) -> None:
    with writing(sqlite) as session:
        save_snapshot(session, create_project(session, "p", Kind.CATEGORY), "f00d", {})
    with table_writer(home / "f00d.parquet", ("text", "id", "score")) as write:
        write([{"text": "=a", "id": "1", "score": 0.5}])
    assert table(sqlite, home, What.SNAPSHOT) == [{"id": "1", "text": "'=a", "score": "0.5"}]
    with pytest.raises(UserError, match="use csv, jsonl or parquet"):
        export(sqlite, home, What.SNAPSHOT, Format.DOCCANO)


def test_without_a_project_or_a_snapshot_no_file_appears(sqlite: Engine, home: Path) -> None:
    with pytest.raises(UserError, match="no project 'p'"):
        export(sqlite, home, What.GOLD, Format.CSV)
    with writing(sqlite) as session:
        create_project(session, "p", Kind.CATEGORY)
    with pytest.raises(UserError, match="has no snapshot yet"):
        export(sqlite, home, What.SNAPSHOT, Format.CSV)
    assert not (home / "out").exists()
    with reading(sqlite) as session:
        assert get_project(session, "p").kind is Kind.CATEGORY
