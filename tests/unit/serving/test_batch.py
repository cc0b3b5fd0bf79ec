from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import UserError
from db.types import Kind
from workbench.files.reading import open_table
from workbench.serving import batch as module
from workbench.serving.batch import PredictOptions, PredictSummary, open_input, predict_table


def _predict(source: Path, target: Path, predictor: Any, kind: Kind = Kind.CATEGORY, **options: Any) -> PredictSummary:
    chosen = PredictOptions(**options)
    return predict_table(open_input(source, target, chosen), target, predictor, chosen, kind=kind, version="7")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_order_and_columns_stay_and_predictions_are_added(home: Path, predictor) -> None:
    source = _write(home / "in.csv", 'id,text,price\n2,"red boots, warm",10\n1,a leather bag,\n')
    summary = _predict(source, home / "out.csv", predictor)
    assert (home / "out.csv").read_text(encoding="utf-8").splitlines() == [
        "id,text,price,category,confidence",
        '2,"red boots, warm",10,shoes,0.9',
        "1,a leather bag,,bags,0.9",
    ]
    assert (summary.rows, summary.predicted, summary.model_version) == (2, 2, "7")


def test_tags_are_json_lists_in_the_order_of_each_other(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text\nlight warm boots\nplain boots\n")
    _predict(source, home / "out.csv", predictor, Kind.TAGS)
    first, second = _rows(home / "out.csv")
    assert list(first) == ["text", "tags", "tag_scores"]
    assert (json.loads(first["tags"]), json.loads(first["tag_scores"])) == (["warm", "light"], [0.8, 0.8])
    assert (second["tags"], second["tag_scores"]) == ("[]", "[]")


def test_both_kinds_give_both(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text\nlight warm boots\n")
    _predict(source, home / "out.csv", predictor, Kind.BOTH)
    assert list(_rows(home / "out.csv")[0]) == ["text", "category", "confidence", "tags", "tag_scores"]


def test_below_the_confidence_the_value_is_empty_and_marked(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text\nred leather boots\nboots\n")
    summary = _predict(source, home / "out.csv", predictor, min_confidence=0.7)
    sure, unsure = _rows(home / "out.csv")
    assert (sure["category"], sure["needs_review"]) == ("shoes", "False")
    assert (unsure["category"], unsure["confidence"], unsure["needs_review"]) == ("", "0.6", "True")
    assert summary.needs_review == 1


def test_tags_are_as_sure_as_the_weakest_and_none_as_the_likeliest(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text\nwarm boots\nplain boots\n")
    _predict(source, home / "out.csv", predictor, Kind.TAGS, min_confidence=0.85)
    weak, none = _rows(home / "out.csv")
    assert (weak["tags"], weak["tag_scores"], weak["needs_review"]) == ("", "[0.8]", "True")
    assert (none["tags"], none["needs_review"]) == ("[]", "False")


def test_the_threshold_decides_which_tags_are_given(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text\nwarm boots\n")
    _predict(source, home / "out.csv", predictor, Kind.TAGS, threshold=0.05)
    assert json.loads(_rows(home / "out.csv")[0]["tags"]) == ["warm", "light"]


def test_input_columns_of_the_same_name_are_kept(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "category,text,confidence,category_input,needs_review\nold,boots,high,older,no\n")
    _predict(source, home / "out.csv", predictor, category_column="category")
    assert _rows(home / "out.csv") == [
        {
            "category_input_input": "old",
            "text": "boots",
            "confidence_input": "high",
            "category_input": "older",
            "needs_review": "no",
            "category": "shoes",
            "confidence": "0.6",
        }
    ]


def test_rows_without_text_and_unreadable_rows_keep_their_places(home: Path, predictor) -> None:
    source = _write(home / "in.csv", 'id,text\n1,red boots\n2,\n3,  \n4\n5,a,b\n6,"open\n7,a bag\n')
    summary = _predict(source, home / "out.csv", predictor, min_confidence=0.1)
    rows = _rows(home / "out.csv")
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "5", "", "7"]
    assert [row["category"] for row in rows] == ["shoes", "", "", "", "", "", "bags"]
    assert [row["needs_review"] for row in rows] == ["False"] + ["True"] * 5 + ["False"]
    assert (summary.rows, summary.predicted, summary.without_text, summary.unreadable) == (7, 2, 2, 3)
    assert summary.faults == (
        "line 5: only 1 values for 2 columns",
        "line 6: 3 values for 2 columns",
        "line 7: broken quote",
    )


def test_a_text_of_none_is_never_shown_to_the_model(home: Path, predictor) -> None:
    source = _write(home / "in.csv", "text,id\n,1\n,2\n")
    assert _predict(source, home / "out.csv", predictor).predicted == 0
    assert predictor.asked == []


def test_lines_of_json_keep_types_lists_and_columns_that_come_late(home: Path, predictor) -> None:
    source = _write(home / "in.jsonl", '{"text": "warm boots", "n": 1}\nnot json\n{"text": 5, "late": [1, null]}\n')
    summary = _predict(source, home / "out.jsonl", predictor, Kind.TAGS)
    lines = [json.loads(line) for line in (home / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"text": "warm boots", "n": 1, "late": None, "tags": ["warm"], "tag_scores": [0.8]},
        {"text": None, "n": None, "late": None, "tags": None, "tag_scores": None},
        {"text": 5, "n": None, "late": [1, None], "tags": [], "tag_scores": []},
    ]
    assert summary.unreadable == 1


@pytest.mark.parametrize("name", ["out.parquet", "out.tsv", "out.csv.gz", "out.jsonl.gz"])
def test_the_format_of_the_output_is_by_its_name(home: Path, predictor, name: str) -> None:
    source = _write(home / "in.csv", "id,text\n1,warm boots\n2,a bag\n")
    _predict(source, home / name, predictor, Kind.BOTH)
    rows = [row.values for row in open_table(home / name).rows]
    assert [row["category"] for row in rows] == ["shoes", "bags"]
    assert [row["tags"] for row in rows] in (['["warm"]', "[]"], [["warm"], []])


def test_excel_and_packed_files_are_read(home: Path, predictor) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["id", "text"], [1, "red boots"], [2, None]):
        book.active.append(row)
    book.save(home / "in.xlsx")
    with gzip.open(home / "in.csv.gz", "wt", encoding="cp1251") as stream:
        stream.write("id,text\n1,красные boots\n")
    assert _predict(home / "in.xlsx", home / "a.csv", predictor).predicted == 1
    assert _predict(home / "in.csv.gz", home / "b.csv", predictor).predicted == 1
    assert _rows(home / "b.csv")[0]["text"] == "красные boots"


def test_batches_are_bounded_in_rows_and_characters(home: Path, predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 3)
    monkeypatch.setattr(module, "BATCH_CHARS", 40)
    texts = ["boots"] * 4 + ["x" * 39, "a bag", "boots"]
    source = _write(home / "in.csv", "text\n" + "\n".join(texts) + "\n")
    told: list[tuple[int, float]] = []
    options = PredictOptions()
    table = open_input(source, home / "out.csv", options)
    predict_table(
        table,
        home / "out.csv",
        predictor,
        options,
        kind=Kind.CATEGORY,
        version="7",
        progress=lambda rows, share: told.append((rows, share)),
    )
    assert [row["text"] for row in _rows(home / "out.csv")] == texts
    assert [len(asked) for asked in predictor.asked] == [3, 2, 2]
    assert [rows for rows, _ in told] == [3, 5, 7]
    assert told[-1][1] == 1.0


def test_several_processes_write_what_one_would(home: Path, predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 7)
    source = _write(home / "in.csv", "id,text\n" + "".join(f"{n},{'boots' * (n % 4)}\n" for n in range(100)))
    options = PredictOptions(min_confidence=0.7)
    for workers, name in ((1, "one.csv"), (3, "three.csv")):
        predict_table(
            open_input(source, home / name, options),
            home / name,
            predictor,
            options,
            kind=Kind.BOTH,
            version="7",
            workers=workers,
        )
    assert (home / "one.csv").read_bytes() == (home / "three.csv").read_bytes()


def test_the_known_category_goes_to_the_model_with_its_text(home: Path, predictor, monkeypatch) -> None:
    asked: list[Any] = []
    answer = predictor.answer
    monkeypatch.setattr(
        predictor, "answer", lambda texts, known, threshold: (asked.append((texts, known)), answer(texts))[1]
    )
    source = _write(home / "in.csv", "text,kind\nboots,shoes\n,bags\na thing,\n")
    _predict(source, home / "out.csv", predictor, Kind.TAGS, category_column="kind")
    assert asked == [(["boots", "a thing"], ["shoes", None])]


@pytest.mark.parametrize(
    ("target", "options", "told"),
    [
        ("out.csv", {"text_column": "review"}, r"no column 'review'; the file has: id, text"),
        ("out.csv", {"category_column": "kind"}, r"no column 'kind'; the file has: id, text"),
        ("out.csv", {"min_confidence": 1.5}, r"--min-confidence: a number from 0 to 1 \(got 1.5\)"),
        ("out.csv", {"threshold": -1.0}, r"--threshold: a number from 0 to 1"),
        ("out.xlsx", {}, "Excel files are read, not written"),
        ("out.doc", {}, "cannot tell the format"),
        ("in.csv", {}, "this is the input"),
        ("nowhere/out.csv", {}, "cannot be written"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    home: Path, predictor, target: str, options: dict[str, Any], told: str
) -> None:
    source = _write(home / "in.csv", "id,text\n1,boots\n")
    with pytest.raises(UserError, match=told):
        _predict(source, home / target, predictor, **options)
    assert sorted(path.name for path in home.iterdir()) == ["in.csv"]


def test_a_failure_half_way_leaves_no_output(home: Path, predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor, "answer", lambda *_: 1 / 0)
    source = _write(home / "in.csv", "text\nboots\n")
    with pytest.raises(ZeroDivisionError):
        _predict(source, home / "out.csv", predictor)
    assert [path.name for path in home.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_bytes_that_no_encoding_knows_do_not_end_the_run(home: Path, predictor, name: str) -> None:
    (home / "in.csv").write_bytes("id,text\n1,красные boots\n2,".encode() + b"\xff\xfe bag\n3,a bag\n")
    summary = _predict(home / "in.csv", home / name, predictor)
    assert (summary.rows, summary.unreadable) == (3, 1)
    rows = [row.values for row in open_table(home / name).rows]
    assert [row["category"] or None for row in rows] == ["shoes", None, "bags"]
