"""Files as people send them: every fault is named, the good rows are taken, nothing is half done."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.projects import get_project, list_projects
from db.records import iterate_records
from db.types import Kind
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest, ImportSummary

Import = Callable[..., ImportSummary]


@pytest.fixture
def load(sqlite: Engine, home: Path) -> Import:
    def run(content: bytes, name: str = "f.csv", **request: Any) -> ImportSummary:
        (home / name).write_bytes(content)
        asked: dict[str, Any] = {"project": "p", "kind": Kind.CATEGORY} | request
        return import_file(sqlite, ImportRequest(path=home / name, **asked), home=home)

    return run


def texts(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [r.text for batch in iterate_records(session, get_project(session, "p")) for r in batch]


def reasons(home: Path) -> list[tuple[str, str]]:
    with (home / "f.csv.rejected.csv").open(newline="", encoding="utf-8") as stream:
        return [(row["line"], row["reason"]) for row in csv.DictReader(stream)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2,\n", "empty text"),
        (b"2,  \n", "empty text"),
        (b"2," + b"x" * (1 << 20) + b"\n", "the text has 1 048 576 characters; at most 100 000 are taken"),
        (b"2,a\x00b\n", "a NUL byte in column 'text'"),
        (b"2,\xef\xf0\n", "bytes that do not belong to the encoding of the rest of the file"),
        (b'2,"a" b\n', "broken quote"),
        (b"2\n", "only 1 values for 2 columns"),
        (b"2,a,b\n", "3 values for 2 columns"),
        (b",a\n", "empty id in column 'id'"),
        (b"y" * 256 + b",a\n", "column 'id' has 256 characters; at most 255 are taken"),
    ],
)
def test_a_bad_row_is_kept_aside_with_its_reason_and_the_others_are_taken(
    load: Import, sqlite: Engine, home: Path, row: bytes, reason: str
) -> None:
    good = "1,первая\n".encode()
    summary = load(b"id,text\n" + good + row + "3,третья\n".encode(), id_column="id")
    assert (summary.rows, summary.accepted, summary.rejected) == (3, 2, 1)
    assert summary.first_reason == f"line 3: {reason}"
    assert reasons(home) == [("3", reason)]
    assert texts(sqlite) == ["первая", "третья"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_encoding_gives_the_same_texts(load: Import, sqlite: Engine, codec: str, end: str) -> None:
    load(end.join(["text", "Юбка «СССР»", "кеды", ""]).encode(codec))
    assert texts(sqlite) == ["Юбка «СССР»", "кеды"]


@pytest.mark.parametrize(
    ("content", "name", "request_", "words"),
    [
        (b"title\na\n", "f.csv", {}, "no column 'text'; the file has: title"),
        (b"text\na\n", "f.csv", {"labels_column": "label", "by": "me"}, "no column 'label'"),
        (b"text\na\n", "f.csv", {"cleaning": ("shine",)}, "no cleaning 'shine'"),
        (b"text\na\n", "f.doc", {}, "cannot tell the format"),
        (b"", "f.csv", {}, "the file is empty"),
        (b"text\n", "f.csv", {}, "no rows below the line that names the columns"),
        (b"text\n\x00\n", "f.csv", {}, "none of 1 rows can be taken; line 2: a NUL byte"),
        (b"text\na\n", "f.csv", {"project": "a/b"}, "project name 'a/b'"),
        (b"text\na\n", "f.csv", {"project": "../up"}, "project name '../up'"),
        (b"text\na\n", "f.csv", {"project": "none", "kind": None}, "no project 'none'"),
        (b"noise", "f.xlsx", {}, "not a readable xlsx file"),
        (b"noise", "f.csv.gz", {}, "not a readable csv file"),
        (gzip.compress(b"text\na\n" * 9, mtime=0)[:-9], "f.csv.gz", {}, "not a readable csv file"),
    ],
)
def test_a_file_of_which_nothing_can_be_taken_leaves_no_trace(
    load: Import, sqlite: Engine, content: bytes, name: str, request_: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError) as caught:
        load(content, name, **request_)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    with reading(sqlite) as session:
        assert list_projects(session) == []


def test_unknown_labels_are_kept_aside(load: Import, home: Path) -> None:
    asked = {"labels_column": "label", "by": "me"}
    load(b"text,label\na,X\n", **asked)
    assert load(b"text,label\nb,X\nc,Z\n", **asked).rejected == 1
    assert reasons(home) == [("3", "unknown label 'Z'; listed are: X")]


def test_a_workbook_of_two_sheets_wants_one_chosen(load: Import, sqlite: Engine, home: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text"])
    second = book.create_sheet("second")
    second.append(["text"])
    second.append(["a"])
    book.save(home / "b.xlsx")
    content = (home / "b.xlsx").read_bytes()
    with pytest.raises(UserError, match="2 sheets"):
        load(content, "f.xlsx")
    assert load(content, "f.xlsx", sheet="second").accepted == 1


def test_rejected_rows_go_home_from_a_folder_that_cannot_be_written(
    load: Import, sqlite: Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "locked").mkdir()
    (home / "locked" / "f.csv").write_bytes(b"text\na\n\x00\n")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != home / "locked")
    request = ImportRequest(path=home / "locked" / "f.csv", project="p", kind=Kind.CATEGORY)
    summary = import_file(sqlite, request, home=home)
    assert summary.rejected_file == str(home / "f.csv.rejected.csv")
    assert [p.name for p in (home / "locked").iterdir()] == ["f.csv"]


def test_rejected_rows_that_were_mended_can_be_imported(load: Import, sqlite: Engine, home: Path) -> None:
    load(b"id,text\n1,a\n2,\n", id_column="id")
    mended = (home / "f.csv.rejected.csv").read_bytes().replace(b"2,\n", b"2,mended\n")
    assert load(mended, "mended.csv", id_column="id").accepted == 1
    assert texts(sqlite) == ["a", "mended"]
