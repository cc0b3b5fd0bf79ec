from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from workbench.files.delimited import MAX_LINES_IN_A_ROW, read_delimited
from workbench.files.rows import UNDECODED, Row

quick = settings(derandomize=True, deadline=None, max_examples=150)
cells = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=15)


def read(content: str, delimiter: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    columns, *rows = read_delimited(io.StringIO(content, newline=""), Path("f.csv"), delimiter)
    return columns, rows  # type: ignore[return-value]


@quick
@given(st.lists(st.tuples(cells, cells, cells), max_size=10), st.sampled_from([",", "\t"]))
def test_what_the_csv_module_writes_is_read_the_same(table: list, delimiter: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([("a", "b", "c"), *table])
    columns, rows = read(stream.getvalue(), delimiter)
    assert columns == ("a", "b", "c")
    assert [tuple(row.values.values()) for row in rows] == table
    assert not any(row.fault for row in rows)


def test_a_broken_quote_costs_its_row_and_the_others_keep_their_numbers() -> None:
    _, rows = read('a,b\n1,x\n2,"y" z\n3,"two\nlines"\n4,w\n')
    assert [(row.number, row.fault) for row in rows] == [(2, ""), (3, "broken quote"), (4, ""), (6, "")]
    assert rows[1].values == {"": '2,"y" z'}
    assert rows[2].values["b"] == "two\nlines"


def test_a_quote_left_open_at_the_end_costs_the_row_it_opens_in() -> None:
    _, rows = read('a,b\n1,x\n2,"y\n3,z\n4,w')
    assert [(row.number, row.fault) for row in rows] == [(2, ""), (3, "broken quote"), (4, ""), (5, "")]


def test_a_quote_never_closed_costs_one_row_of_a_long_file_too() -> None:
    many = MAX_LINES_IN_A_ROW * 2
    _, rows = read('a,b\n1,"x\n' + "2,y\n" * many)
    assert [row.number for row in rows if row.fault] == [2]
    assert len(rows) == many + 1


def test_two_open_quotes_cost_two_rows() -> None:
    _, rows = read('a,b\n1,"x\n2,ok\n3,"y\n4,ok\n')
    assert [row.number for row in rows if row.fault] == [2, 4]


def test_a_text_of_many_lines_is_one_row() -> None:
    _, rows = read('a,b\n1,"' + "x\n" * 500 + '"\n2,y\n')
    assert [row.number for row in rows] == [2, 503]
    assert not any(row.fault for row in rows)


@pytest.mark.parametrize(("line", "fault"), [("1", "only 1 values"), ("1,2,3", "3 values for 2 columns")])
def test_rows_with_cells_missing_or_too_many_say_so(line: str, fault: str) -> None:
    _, (row, after) = read(f"a,b\n{line}\n1,2\n")
    assert fault in row.fault
    assert not after.fault


def test_empty_lines_are_passed_over() -> None:
    _, rows = read("a,b\n\n1,2\n\r\n\n3,4\n\n")
    assert [row.number for row in rows] == [3, 6]


def test_windows_lines_old_mac_lines_and_nul_bytes_are_read() -> None:
    assert read("a,b\r\n1,2\r\n")[1][0].values == {"a": "1", "b": "2"}
    assert read("a,b\r1,2\r")[1][0].values == {"a": "1", "b": "2"}
    assert read("a,b\n1,x\x00y\n")[1][0].values["b"] == "x\x00y"


def test_bytes_of_another_encoding_are_a_fault_of_their_row() -> None:
    _, rows = read("a,b\n1,\udcef\udcf0\n2,ok\n")
    assert [row.fault for row in rows] == [UNDECODED, ""]


@pytest.mark.parametrize(("header", "names"), [("a;b", ("a", "b")), ("a\tb", ("a", "b")), ("a;b,c", ("a;b", "c"))])
def test_without_a_comma_in_the_first_line_a_semicolon_or_tab_divides(header: str, names: tuple[str, ...]) -> None:
    assert read(f"{header}\n")[0] == names


def test_names_of_columns_lose_the_spaces_around_them() -> None:
    assert read(' a ,"b"\n')[0] == ("a", "b")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "the file is empty"), ('a,"b', "line 1: a broken quote"), ("a,\udcf0\n", "line 1: bytes that do not belong")],
)
def test_a_file_whose_columns_cannot_be_read_is_refused(content: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read(content)
