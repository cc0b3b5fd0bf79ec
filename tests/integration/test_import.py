"""What an import brings, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from db.annotation_log import all_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.gold import gold_of
from db.label_sets import as_definition, get_label_set, parse_label_set, save_label_set
from db.projects import create_project, get_project
from db.proposals import iterate_proposals
from db.records import find_by_external_ids
from db.tables import RecordRow
from db.types import Answer, Kind, Proposal, Record
from workbench.exchange.importing import import_file
from workbench.exchange.labels import replace_labels
from workbench.exchange.requests import ImportRequest, ImportSummary, ProposalColumn

Import = Callable[..., ImportSummary]


@pytest.fixture
def load(engine: Engine, home: Path) -> Import:
    """Imports rows (dicts) as a JSON lines file into the project p."""

    def run(rows: list[dict[str, Any]], **request: Any) -> ImportSummary:
        path = home / "f.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        asked = {"kind": Kind.CATEGORY, "id_column": "id"} | request
        return import_file(engine, ImportRequest(path=path, project="p", **asked), home=home)

    return run


def rows(*entries: str) -> list[dict[str, Any]]:
    """Rows from "id text label"."""
    return [dict(zip(("id", "text", "label"), entry.split(" "), strict=False)) for entry in entries]


def records(engine: Engine, *ids: str) -> list[Record]:
    with reading(engine) as session:
        found = find_by_external_ids(session, get_project(session, "p"), ids)
    return [found[i] for i in ids]


def gold(engine: Engine) -> dict[str, Answer]:
    with reading(engine) as session:
        project = get_project(session, "p")
        ids = {row.id: row.external_id for row in session.execute(select(RecordRow.id, RecordRow.external_id))}
        return {ids[i]: label.answer for i, label in gold_of(session, project).items()}


def labels(engine: Engine) -> dict[str, Any]:
    with reading(engine) as session:
        return as_definition(get_label_set(session, get_project(session, "p")))


def proposals(engine: Engine) -> list[Proposal]:
    with reading(engine) as session:
        return list(iterate_proposals(session, get_project(session, "p")))


def with_labels(engine: Engine, definition: dict[str, Any], kind: Kind = Kind.CATEGORY) -> None:
    with writing(engine) as session:
        save_label_set(session, create_project(session, "p", kind), parse_label_set(definition))


MINE = {"labels_column": "label", "by": "me"}


def test_importing_twice_adds_nothing(load: Import, engine: Engine) -> None:
    data = rows("1 a X", "2 b Y", "3 c X")
    columns = (ProposalColumn(column="label", source="s"),)
    first = load(data, **MINE, proposal_columns=columns)
    again = load(data, **MINE, proposal_columns=columns)
    assert (first.new_records, first.known_records, first.annotations) == (3, 0, 3)
    assert (again.new_records, again.known_records, again.annotations, again.accepted) == (0, 3, 0, 3)
    assert len(proposals(engine)) == 3
    with reading(engine) as session:
        assert sum(map(len, all_annotations(session, get_project(session, "p")).values())) == 3


def test_without_ids_the_text_is_the_identity_and_repeats_are_counted(load: Import) -> None:
    data = [{"text": t} for t in ("Юбка", " юбка ", "кеды", "кеды", "кеды")]
    first, again = load(data, id_column=None), load(data, id_column=None)
    assert (first.accepted, first.new_records, first.duplicates) == (5, 2, 3)
    assert (again.accepted, again.known_records, again.duplicates) == (5, 2, 3)


def test_texts_repeated_under_different_ids_are_counted_and_kept(load: Import) -> None:
    summary = load(rows("1 a", "2 a", "3 b"))
    assert (summary.new_records, summary.duplicates) == (3, 1)


def test_a_second_file_with_other_labels_changes_the_gold_and_keeps_the_log(load: Import, engine: Engine) -> None:
    load(rows("1 a X", "2 b Y"), **MINE)
    assert load(rows("1 a Y", "2 b Y"), **MINE).annotations == 1
    assert gold(engine) == {"1": Answer("Y"), "2": Answer("Y")}


def test_a_record_labelled_twice_in_one_file_has_the_lower_rows_label_again_and_again(
    load: Import, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.exchange.import_run.CHUNK", 1)
    for expected in (1, 0, 0):
        assert load(rows("1 a X", "1 a Y"), **MINE).annotations == expected
        assert gold(engine) == {"1": Answer("Y")}


def test_peoples_labels_make_the_label_set_of_a_project_without_one_and_only_then(load: Import, engine: Engine) -> None:
    assert load(rows("1 a X", "2 b Y"), **MINE).labels_added == ["X", "Y"]
    summary = load(rows("3 c Z", "4 d X"), **MINE)
    assert (summary.accepted, summary.rejected, summary.labels_added) == (1, 1, [])
    assert summary.first_reason == "line 1: unknown label 'Z'; listed are: X, Y"
    assert load(rows("3 c Z"), **MINE, add_labels=True).labels_added == ["Z"]
    assert [c["name"] for c in labels(engine)["categories"]] == ["X", "Y", "Z"]


def test_labels_only_of_rejected_rows_are_not_added(load: Import, engine: Engine) -> None:
    load(rows("1 a X", "2 b Y", "2 c Z"), **MINE)
    assert labels(engine)["categories"] == [{"name": "X"}]


def test_a_machines_labels_make_no_label_set_and_are_kept_off_the_list(load: Import, engine: Engine) -> None:
    summary = load(rows("1 a X"), **MINE, as_annotation=False)
    assert (summary.proposals, summary.off_list_proposals, summary.annotations) == (1, 1, 0)
    assert labels(engine)["categories"] == []
    (proposal,) = proposals(engine)
    assert (proposal.source, proposal.answer, proposal.on_list) == ("me", Answer("X"), False)


def test_off_list_proposals_come_on_the_list_when_the_labels_change(
    load: Import, engine: Engine, tmp_path: Path
) -> None:
    load(rows("1 a X", "2 b Y"), proposal_columns=(ProposalColumn(column="label", source="m"),))
    for names in (["X"], ["X", "Y"], ["Z"]):
        (tmp_path / "l.yaml").write_text(json.dumps({"categories": names}))
        replace_labels(engine, "p", tmp_path / "l.yaml")
        assert [p.on_list for p in proposals(engine)] == [p.answer.category in names for p in proposals(engine)]


def test_peoples_labels_put_the_proposals_of_the_same_file_on_the_list(load: Import, engine: Engine) -> None:
    data = [{"id": "1", "text": "a", "label": "X", "m": "X", "s": 0.5}, {"id": "2", "text": "b", "m": "Q"}]
    summary = load(data, **MINE, proposal_columns=(ProposalColumn(column="m", source="m", score_column="s"),))
    assert (summary.proposals, summary.off_list_proposals) == (2, 1)
    assert [(p.answer.category, p.score, p.on_list) for p in proposals(engine)] == [
        ("X", 0.5, True),
        ("Q", None, False),
    ]


def test_proposals_of_the_same_source_take_the_place_of_earlier_ones(load: Import, engine: Engine) -> None:
    column = (ProposalColumn(column="label", source="m"),)
    load(rows("1 a X"), proposal_columns=column)
    load(rows("1 a Y"), proposal_columns=column)
    assert [p.answer.category for p in proposals(engine)] == ["Y"]


def test_labels_are_blind_only_if_the_importer_says_so(load: Import, engine: Engine) -> None:
    load(rows("1 a X"), **MINE)
    assert load(rows("1 a X"), **MINE, blind=True).annotations == 1
    with reading(engine) as session:
        (log,) = all_annotations(session, get_project(session, "p")).values()
        assert [a.blind for a in log] == [False, True]
        assert [g.blind for g in gold_of(session, get_project(session, "p")).values()] == [True]


def test_tags_go_to_the_section_of_their_records_category(load: Import, engine: Engine) -> None:
    data = [
        {"id": "1", "text": "a", "c": "shoes", "tags": "warm;light"},
        {"id": "2", "text": "b", "c": "bags", "tags": ["light"]},
        {"id": "3", "text": "c", "c": "bags", "tags": "[]"},
        {"id": "4", "text": "d", "c": "bags", "tags": ""},
    ]
    summary = load(data, kind=Kind.TAGS, category_column="c", tags_column="tags", by="me")
    assert (summary.annotations, summary.accepted) == (3, 4)
    assert labels(engine)["tags"] == {"shoes": [{"name": "warm"}, {"name": "light"}], "bags": [{"name": "light"}]}
    assert gold(engine)["3"] == Answer(None, ())
    assert [r.category for r in records(engine, "1", "4")] == ["shoes", "bags"]


def test_a_project_of_both_takes_categories_and_their_tags(load: Import, engine: Engine) -> None:
    with_labels(engine, {"categories": ["A", "B"], "tags": {"A": ["x"]}}, Kind.BOTH)
    data = [
        {"id": "1", "text": "a", "label": "A", "tags": "x"},
        {"id": "2", "text": "b", "label": "B", "tags": "x"},
        {"id": "3", "text": "c", "label": "A", "tags": ""},
        {"id": "4", "text": "d", "label": "", "tags": "x"},
    ]
    summary = load(data, **MINE, kind=Kind.BOTH, tags_column="tags")
    assert (summary.accepted, summary.rejected) == (2, 2)
    assert gold(engine) == {"1": Answer("A", ("x",)), "3": Answer("A", ())}


def test_attributes_groups_and_originals_are_kept(load: Import, engine: Engine) -> None:
    data = [{"id": "1", "text": "<b>a</b>", "g": "sku-1", "brand": "я", "price": 5, "sizes": [1]}]
    load(data, group_column="g", cleaning=("html",))
    (record,) = records(engine, "1")
    assert (record.text, record.group) == ("a", "sku-1")
    assert record.attributes == {"brand": "я", "price": "5", "sizes": "[1]"}
    with reading(engine) as session:
        assert session.scalar(select(RecordRow.original_text)) == "<b>a</b>"


def test_a_project_needs_a_kind_and_keeps_it(load: Import) -> None:
    with pytest.raises(UserError, match="no project 'p'"):
        load(rows("1 a"), kind=None)
    load(rows("1 a"))
    load(rows("2 b"), kind=None)
    with pytest.raises(UserError, match="is of kind category, not tags"):
        load(rows("3 c"), kind=Kind.TAGS)
