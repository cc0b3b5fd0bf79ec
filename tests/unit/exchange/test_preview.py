from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.errors import UserError
from db.types import Kind
from workbench.exchange import preview as module
from workbench.exchange.kept import KeptFile
from workbench.exchange.preview import Preview, RowCount, preview


def look(
    path: Path, content: bytes | str | None = None, *, name: str = "Отзывы.csv", sheet: str | None = None
) -> Preview:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return preview(KeptFile(id="0" * 32, name=name, path=path), sheet=sheet, kind=Kind.CATEGORY)


def test_it_says_how_a_file_of_text_is_written(tmp_path: Path) -> None:
    found = look(tmp_path / "a.csv", "id;текст\n1;да\n2;нет\n".encode("cp1251"))
    assert (found.format, found.encoding, found.delimiter, found.sheets) == ("csv", "CP1251", ";", ())
    assert found.columns == ("id", "текст")
    assert found.rows == ((2, ("1", "да"), ""), (3, ("2", "нет"), ""))
    assert found.count == RowCount(read=2, exact=True)
    assert (found.mapping.id, found.mapping.text) == ("id", "текст")


@pytest.mark.parametrize(
    ("name", "content", "written"),
    [
        ("a.csv", "text\nx\n", ("UTF-8", ",")),
        ("a.csv", "text\tn\nx\t1\n".encode("utf-16"), ("UTF-16", "\t")),
        ("a.tsv", "text\nx\n", ("UTF-8", "\t")),
        ("a.csv.gz", gzip.compress(b"text;n\nx;1\n", mtime=0), ("UTF-8", ";")),
        ("a.jsonl", '{"text": "x"}\n', ("UTF-8", None)),
    ],
)
def test_every_kind_of_text_is_looked_into(
    tmp_path: Path, name: str, content: bytes | str, written: tuple[str, str | None]
) -> None:
    found = look(tmp_path / name, content)
    assert (found.encoding, found.delimiter) == written
    assert found.columns[0] == "text"
    assert found.count == RowCount(read=1, exact=True)


def test_the_sheets_of_a_workbook_can_be_chosen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text"])  # type: ignore[union-attr]
    second = book.create_sheet("<b>второй")
    second.append(["отзыв"])
    second.append(["да"])
    book.save(tmp_path / "a.xlsx")
    first = look(tmp_path / "a.xlsx")
    assert (first.sheets, first.sheet, first.columns) == (("Sheet", "<b>второй"), "Sheet", ("text",))
    chosen = look(tmp_path / "a.xlsx", sheet="<b>второй")
    assert (chosen.columns, chosen.rows) == (("отзыв",), ((2, ("да",), ""),))
    with pytest.raises(UserError, match="no sheet 'график'"):
        look(tmp_path / "a.xlsx", sheet="график")


def test_a_workbook_with_parts_missing_is_its_senders_to_mend(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("a chart of nothing")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(UserError, match=r"Отзывы\.xlsx: not a readable xlsx file: parts of the workbook are missing"):
        look(tmp_path / "a.xlsx", name="Отзывы.xlsx")


def test_rows_of_parquet_are_counted_without_reading_them(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [f"t{i}" for i in range(5_000)]}), tmp_path / "a.parquet")
    assert look(tmp_path / "a.parquet").count == RowCount(read=5_000, exact=True)


def test_of_a_large_file_it_says_about_how_many_rows_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COUNTED_TEXT", 20_000)
    count = look(tmp_path / "a.csv", "text\n" + "a review of a dress, not a long one\n" * 50_000).count
    assert (count.read, count.exact) == (20_000, False)
    assert count.about is not None
    assert 40_000 < count.about < 60_000


def test_what_is_shown_is_short_and_can_be_sent(tmp_path: Path) -> None:
    lines = ["text,n", "x" * 1_000 + ",1", "<script>alert(1)</script>,=1+1", 'broken "quote" here",2', "a,b,c"]
    found = look(tmp_path / "a.csv", "\n".join(lines).encode() + b"\n\xd0,1\n")
    assert found.rows[0][1][0] == "x" * 300 + "…"
    assert found.rows[1][1] == ("<script>alert(1)</script>", "=1+1")
    assert found.rows[3][2] == "3 values for 2 columns"
    for _, cells, fault in found.rows:
        "".join((*cells, fault)).encode()
    assert len(look(tmp_path / "b.csv", "text\n" + "x\n" * 100).rows) == 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,a\n1,2\n", "мой <файл>.csv: two columns are named 'a'"),
        ("\n", "мой <файл>.csv"),
        ('"a\n', "мой <файл>.csv line 1: a broken quote"),
    ],
)
def test_faults_name_the_file_as_its_sender_does(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        look(tmp_path / "a.csv", content, name="мой <файл>.csv")
    assert str(caught.value).startswith(said)
    assert str(tmp_path) not in str(caught.value)
