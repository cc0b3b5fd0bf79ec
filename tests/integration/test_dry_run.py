"""What an import would do, tried on its first rows: it must be what the import then does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project, list_projects
from db.tables import AuditRow, ImportRow
from db.types import Kind
from workbench.exchange.dry_run import DryRun, dry_run
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest, ProposalColumn

ROWS = """id,text,label,llm,score
1,Отличные ботинки,обувь,обувь,0.9
2,Мягкое платье,одежда,обувь,0.4
3,Мягкое платье,одежда,посуда,0.2
3,Мягкое платье,одежда,,
4,,обувь,,
5,Тарелка,посуда,,2
6,Один текст,обувь,,
6,Другой текст,обувь,,
7,Чашка,Обувь,,
8,=cmd|' /C calc'!A0,<b>новая</b>,,
"""


def request(path: Path, **fields: Any) -> ImportRequest:
    return ImportRequest(path=path, name="мой файл.csv", project="отзывы", **{"id_column": "id", **fields})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "abc.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def labelled(file: Path, **fields: Any) -> ImportRequest:
    return request(file, kind=Kind.CATEGORY, labels_column="label", by="анна", **fields)


def as_imported(engine: Engine, asked: ImportRequest, home: Path) -> DryRun:
    """Try, then import, and compare the figures."""
    tried = dry_run(engine, asked)
    done = import_file(engine, asked, home=home)
    same = ("rows", "new_records", "known_records", "rejected", "annotations", "proposals", "off_list_proposals")
    assert {name: getattr(tried, name) for name in same} == {name: getattr(done, name) for name in same}
    assert tried.labels_added == done.labels_added
    return tried


def test_it_says_what_an_import_into_a_new_project_does(engine: Engine, file: Path, tmp_path: Path) -> None:
    column = ProposalColumn(column="llm", source="llm:x", score_column="score")
    tried = as_imported(engine, labelled(file, proposal_columns=(column,)), tmp_path)
    assert (tried.makes_project, tried.whole, tried.rows) == (True, True, 10)
    assert (tried.new_records, tried.repeated, tried.rejected) == (4, 1, 5)
    assert tried.labels_added == ["обувь", "одежда", "<b>новая</b>"]
    assert [(fault.line, fault.reason.split(";")[0]) for fault in tried.faults] == [
        (6, "empty text"),
        (7, "score '2' in column 'score' is not a number from 0 to 1"),
        (8, "id '6' comes with different texts"),
        (9, "id '6' comes with different texts"),
        (10, "label 'Обувь' differs from 'обувь' only in upper and lower case"),
    ]
    # The last row of record 3 proposes nothing, so the one above it holds; «посуда» comes with no label of people's.
    assert (tried.proposals, tried.off_list_proposals) == (3, 1)


def test_it_says_what_an_import_into_a_project_with_labels_does(engine: Engine, file: Path, tmp_path: Path) -> None:
    with writing(engine) as session:
        project = create_project(session, "отзывы", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["обувь", "одежда"]}))
    tried = as_imported(engine, labelled(file), tmp_path)
    assert tried.labels_added == []
    assert tried.rejected == 6
    assert "unknown label '<b>новая</b>'" in tried.faults[-1].reason
    again = as_imported(engine, labelled(file, add_labels=True), tmp_path)
    assert (again.new_records, again.known_records) == (2, 3)
    assert again.labels_added == ["посуда", "<b>новая</b>"]


def test_an_id_that_is_there_with_another_text_is_told_before(engine: Engine, file: Path, tmp_path: Path) -> None:
    import_file(engine, request(file, kind=Kind.CATEGORY), home=tmp_path)
    other = tmp_path / "other.csv"
    other.write_text("id,text\n1,Совсем другое\n1,Отличные ботинки\n9,Новое\n", encoding="utf-8")
    tried = as_imported(engine, request(other), tmp_path)
    assert (tried.known_records, tried.new_records) == (1, 1)
    assert [(f.line, f.text) for f in tried.faults] == [(2, "Совсем другое")]


def test_it_writes_nothing(engine: Engine, file: Path) -> None:
    dry_run(engine, labelled(file))
    with reading(engine) as session:
        assert list_projects(session) == []
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
    assert list(file.parent.glob("*.rejected.csv")) == []


def test_of_a_long_file_only_the_first_rows_are_tried(engine: Engine, file: Path) -> None:
    tried = dry_run(engine, labelled(file), rows=3)
    assert (tried.rows, tried.whole, tried.new_records) == (3, False, 3)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text_column": "нет"}, "мой файл.csv: no column 'нет'; the file has: id, text"),
        ({"labels_column": "label"}, "whose labels are they"),
        ({"cleaning": ("magic",)}, "no cleaning 'magic'"),
        ({"kind": None}, "no project 'отзывы'"),
        ({"project": "../x"}, "project name '../x'"),
    ],
)
def test_what_would_refuse_the_whole_import_is_said(
    engine: Engine, file: Path, fields: dict[str, Any], said: str
) -> None:
    asked = {"path": file, "name": "мой файл.csv", "project": "отзывы", "kind": Kind.CATEGORY} | fields
    with pytest.raises(UserError, match=said):
        dry_run(engine, ImportRequest(**asked))


def test_an_import_is_noted_with_who_asked_for_it(engine: Engine, file: Path, tmp_path: Path) -> None:
    import_file(engine, labelled(file, asked_by="борис"), home=tmp_path)
    with reading(engine) as session:
        rows = session.execute(select(AuditRow.person, AuditRow.action, AuditRow.subject).order_by(AuditRow.id)).all()
        assert [tuple(row) for row in rows] == [
            ("борис", "project.create", ""),
            ("борис", "labels.set", "version 1"),
            ("борис", "data.import", "мой файл.csv"),
        ]
        assert session.scalar(select(ImportRow.file)) == "мой файл.csv"


def test_a_fault_in_the_import_names_the_file_as_its_sender_does(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "0a1b.csv"
    path.write_text("id,text\n1,\n")
    with pytest.raises(UserError) as caught:
        import_file(engine, request(path, kind=Kind.TAGS), home=tmp_path)
    assert str(caught.value).startswith("мой файл.csv: none of 1 rows can be taken")
    assert "0a1b" not in str(caught.value)
