from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from db.errors import UserError
from workbench.files.reading import open_table
from workbench.files.rejects import Rejects
from workbench.files.rows import Row
from workbench.files.writing import as_cell, table_writer, whole_file

ROWS: list[dict[str, Any]] = [
    {"id": "1", "text": "юбка\nкрасная", "tags": ["a", "б"], "score": 0.5},
    {"id": "2", "text": 'say "x", y', "tags": [], "score": None},
]


@pytest.mark.parametrize("name", ["f.jsonl", "f.parquet", "f.jsonl.gz", "f.parquet.gz"])
def test_formats_that_know_types_give_back_what_was_written(tmp_path: Path, name: str) -> None:
    with table_writer(tmp_path / name, tuple(ROWS[0])) as write:
        write(ROWS[:1])
        write(ROWS[1:])
    assert [dict(row.values) for row in open_table(tmp_path / name).rows] == ROWS


@pytest.mark.parametrize("name", ["f.csv", "f.tsv", "f.csv.gz"])
def test_text_formats_write_lists_as_json_and_nothing_as_nothing(tmp_path: Path, name: str) -> None:
    with table_writer(tmp_path / name, tuple(ROWS[0])) as write:
        write(ROWS)
    first, second = (dict(row.values) for row in open_table(tmp_path / name).rows)
    assert json.loads(first["tags"]) == ["a", "б"]  # type: ignore[arg-type]
    assert (first["text"], second["text"]) == (ROWS[0]["text"], ROWS[1]["text"])
    assert (second["tags"], second["score"]) == ("[]", "")


def test_a_lone_carriage_return_stays_inside_its_cell(tmp_path: Path) -> None:
    with table_writer(tmp_path / "f.csv", ("a", "b")) as write:
        write([{"a": "x\ry", "b": "z"}])
    assert (tmp_path / "f.csv").read_bytes() == b'a,b\n"x\ry",z\n'


@pytest.mark.parametrize("start", ["=1+1", "+7 900", "-x", "@a", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_made_text_only_where_asked(start: str) -> None:
    assert as_cell(start, escape=True) == "'" + start
    assert as_cell(start) == start


def test_numbers_below_zero_are_not_formulas() -> None:
    assert as_cell(-0.5, escape=True) == "-0.5"


def test_names_of_columns_are_made_safe_too(tmp_path: Path) -> None:
    with table_writer(tmp_path / "f.csv", ("=cmd()",), escape=True):
        pass
    assert (tmp_path / "f.csv").read_text() == "'=cmd()\n"


def write_and_fail(path: Path) -> None:
    with table_writer(path, ("a",)) as write:
        write([{"a": 1}])
        raise ZeroDivisionError


@pytest.mark.parametrize("name", ["f.csv", "f.jsonl", "f.parquet", "f.csv.gz"])
def test_an_error_half_way_leaves_the_earlier_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("earlier")
    with pytest.raises(ZeroDivisionError):
        write_and_fail(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "earlier"


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "f.gz") as stream:
        stream.write(b"x")
        assert not (tmp_path / "f.gz").exists()
    assert gzip.decompress((tmp_path / "f.gz").read_bytes()) == b"x"


def test_places_and_formats_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "d.csv").mkdir()
    for path, words in ((tmp_path / "no" / "f.csv", "No such file"), (tmp_path / "d.csv", "it is a folder")):
        with pytest.raises(UserError, match=words), table_writer(path, ("a",)):
            pass
    with pytest.raises(UserError, match="read but not written"), table_writer(tmp_path / "f.xlsx", ("a",)):
        pass


@pytest.mark.parametrize(
    ("batches", "values"),
    [
        ([[None], [0.5]], [None, 0.5]),
        ([[None], [["a"]]], [None, ["a"]]),
        ([[1], [0.5]], [1.0, 0.5]),
        ([[1], ["x"]], ["1", "x"]),
        ([[1, "x"]], ["1", "x"]),
        ([["x"], [["a"]]], ["x", '["a"]']),
        ([[None], [None]], [None, None]),
        ([[10**30]], [str(10**30)]),
        ([], []),
    ],
)
def test_parquet_columns_take_the_type_that_fits_all_batches(tmp_path: Path, batches: list, values: list) -> None:
    with table_writer(tmp_path / "f.parquet", ("a",)) as write:
        for batch in batches:
            write([{"a": value} for value in batch])
    assert pq.read_table(tmp_path / "f.parquet")["a"].to_pylist() == values


def test_characters_that_no_encoding_knows_are_shown_as_such(tmp_path: Path) -> None:
    for name in ("f.csv", "f.jsonl"):
        with table_writer(tmp_path / name, ("a",)) as write:
            write([{"a": "\udcff\ud800"}])
        assert "\\udcff\\ud800" in (tmp_path / name).read_text(encoding="utf-8")


def test_rejected_rows_stand_by_line_with_their_reason_and_all_their_cells(tmp_path: Path) -> None:
    rejects = Rejects()
    rejects.add(Row(7, {"text": "=x", "reason": "mine"}), "second")
    rejects.add(Row(3, {"": 'broken "row'}, "broken quote"), "first")
    assert rejects.first_reason == "line 3: first"
    path = rejects.write(tmp_path / "f.csv.gz", ("text", "reason"), tmp_path)
    assert path == tmp_path / "f.csv.gz.rejected.csv"
    with path.open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["line", "reason", "text", "reason_input", ""],
            ["3", "first", "", "", 'broken "row'],
            ["7", "second", "'=x", "mine", ""],
        ]


def test_without_rejected_rows_no_file_is_written(tmp_path: Path) -> None:
    assert Rejects().write(tmp_path / "f.csv", ("a",), tmp_path) is None
    assert Rejects().first_reason == ""
    assert not list(tmp_path.iterdir())
