from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.errors import UserError
from workbench.files.reading import file_format, open_table

ROWS = [{"id": "1", "text": "юбка"}, {"id": "2", "text": 'a "b", c'}]


def book(path: Path, *sheets: list[list[object]]) -> Path:
    workbook = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = workbook.active if number == 0 else workbook.create_sheet(f"Sheet {number + 1}")
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def as_csv(path: Path) -> None:
    path.write_text('id,text\n1,юбка\n2,"a ""b"", c"\n', encoding="utf-8")


def as_tsv(path: Path) -> None:
    path.write_text('id\ttext\n1\tюбка\n2\t"a ""b"", c"\n', encoding="utf-16")


def as_jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


def as_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def as_xlsx(path: Path) -> None:
    book(path, [["id", "text"], ["1", "юбка"], ["2", 'a "b", c']])


WRITE = {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl, "parquet": as_parquet, "xlsx": as_xlsx}


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_reads_the_same_packed_or_not(tmp_path: Path, kind: str, packed: bool) -> None:
    path = tmp_path / f"f.{kind}"
    WRITE[kind](path)
    if packed:
        path = tmp_path / f"F.{kind.upper()}.GZ"
        path.write_bytes(gzip.compress((tmp_path / f"f.{kind}").read_bytes()))
    table = open_table(path)
    assert table.columns == ("id", "text")
    assert [dict(row.values) for row in table.rows] == ROWS
    assert table.fraction() == 1.0


@pytest.mark.parametrize("name", ["f", "f.txt", "f.xls", "f.gz", "f.csv.zip", ".csv"])
def test_a_name_that_tells_no_format_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="cannot tell the format"):
        file_format(Path(name))


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    as_csv(tmp_path / "f.csv")
    with pytest.raises(UserError, match=r"f\.csv: no column 'label'; the file has: id, text"):
        open_table(tmp_path / "f.csv").require("text", "label")


@pytest.mark.parametrize("kind", WRITE)
def test_a_file_that_is_not_what_its_name_says_is_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"f.{kind}.gz"
    path.write_bytes(b"this was never packed")
    with pytest.raises(UserError, match=f"not a readable {kind} file"):
        list(open_table(path).rows)


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_noise_under_a_binary_formats_name_is_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"f.{kind}"
    path.write_bytes(b"noise" * 100)
    with pytest.raises(UserError, match=f"not a readable {kind} file"):
        open_table(path)


def test_a_zip_that_is_no_workbook_is_one_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UserError, match="not a readable xlsx file"):
        open_table(tmp_path / "f.xlsx")


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: data[:60] + bytes(30) + data[90:]])
def test_a_packed_file_cut_short_or_damaged_is_one_line(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(damage(gzip.compress("".join(f"{n},{n * 7919}\n" for n in range(2_000)).encode())))
    with pytest.raises(UserError, match="not a readable csv file"):
        list(open_table(path).rows)


def test_a_missing_file_a_folder_and_an_unreadable_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="no such file"):
        open_table(tmp_path / "f.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(UserError, match="no such file"):
        open_table(tmp_path / "d.csv")
    as_csv(tmp_path / "f.csv")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match="cannot be read: Permission denied"):
        open_table(tmp_path / "f.csv")


@pytest.mark.parametrize("content", ["a,b,a\n1,2,3\n"])
def test_two_columns_of_one_name_are_refused_in_every_format(tmp_path: Path, content: str) -> None:
    (tmp_path / "f.csv").write_text(content)
    book(tmp_path / "f.xlsx", [["a", "b", "a"], [1, 2, 3]])
    for name in ("f.csv", "f.xlsx"):
        with pytest.raises(UserError, match="two columns are named 'a'"):
            open_table(tmp_path / name)


def test_a_workbook_of_two_sheets_wants_one_chosen(tmp_path: Path) -> None:
    path = book(tmp_path / "f.xlsx", [["a"], [1]], [["b"], [2]])
    with pytest.raises(UserError, match=r"2 sheets \(Sheet, Sheet 2\); choose one with --sheet"):
        open_table(path)
    with pytest.raises(UserError, match="no sheet 'x'"):
        open_table(path, sheet="x")
    assert [dict(row.values) for row in open_table(path, sheet="Sheet 2").rows] == [{"b": 2}]


def test_a_sheet_without_a_header_is_told_and_cells_beyond_the_named_columns_are_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="names no columns"):
        open_table(book(tmp_path / "empty.xlsx", []))
    table = open_table(book(tmp_path / "f.xlsx", [["a", "b"], [1, None], [1, 2, 3], [None, None], [4, 5]]))
    assert table.columns[:2] == ("a", "b")
    assert [(row.number, row.values["a"]) for row in table.rows] == [(2, 1), (3, 1), (5, 4)]


def test_json_lines_have_the_columns_of_all_their_first_lines_and_faults_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(
        b'oops\n{"text": "\xd1\x8e\xd1\x8e"}\n\n[1]\n{"text": "b", "label": "x"}\n\xef\xf0\n' + b"[" * 100_000 + b"\n"
    )
    table = open_table(path)
    assert table.columns == ("text", "label")
    faults = [(row.number, row.fault.split(":")[0].split(" that")[0]) for row in table.rows]
    assert faults == [(1, "not JSON"), (2, ""), (4, "not a JSON object"), (5, ""), (6, "bytes"), (7, "not JSON")]


@pytest.mark.parametrize(("content", "words"), [("", "the file is empty"), ("\n \n", "is empty"), ("[]\n", "line 1")])
def test_json_lines_without_one_object_are_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "f.jsonl").write_text(content)
    with pytest.raises(UserError, match=words):
        open_table(tmp_path / "f.jsonl")
