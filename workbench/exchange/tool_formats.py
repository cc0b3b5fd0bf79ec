"""Other tools' shapes, made from our export rows: Label Studio's and Argilla's JSON, doccano's JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from workbench.files.writing import whole_file

Row = dict[str, Any]
_STATUSES_WITHOUT_LABEL = ("skipped", "flagged", "undone")
# Gold is nobody's own answer: people may have disagreed with it.
_GOLD = "gold"


def write_label_studio(target: Path, rows: Iterable[Row]) -> int:
    """Tasks with `annotations` (people's) or `predictions` (machines'), for controls named category and tags."""
    return _write_list(target, (_label_studio_task(list(group)) for group in _by_record(rows)))


def write_argilla(target: Path, rows: Iterable[Row]) -> int:
    """Records with `responses` (people's) or `suggestions` (machines') to the questions category and tags."""
    return _write_list(target, (_argilla_record(list(group)) for group in _by_record(rows)))


def write_doccano(target: Path, rows: Iterable[Row]) -> int:
    """One line per record with its labels; doccano keeps neither people nor scores apart."""
    lines = (json.dumps(_doccano_line(list(group)), ensure_ascii=False) + "\n" for group in _by_record(rows))
    return _write(target, lines)


TOOL_WRITERS: dict[str, Callable[[Path, Iterable[Row]], int]] = {
    "label-studio": write_label_studio,
    "argilla": write_argilla,
    "doccano": write_doccano,
}


def _by_record(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Rows of one record, which stand together in every export; rows that say no label are left out."""
    labelled = (row for row in rows if row.get("status") not in _STATUSES_WITHOUT_LABEL)
    return (group for _, group in groupby(labelled, key=lambda row: row["id"]))


def _label_studio_task(rows: list[Row]) -> Row:
    task: Row = {"data": {"text": rows[0]["text"], "id": rows[0]["id"]}}
    if "source" in rows[0]:
        task["predictions"] = [
            {"model_version": row["source"], "score": row["score"] or 0.0, "result": _results(row)} for row in rows
        ]
    else:
        task["annotations"] = [
            {"completed_by": {"email": _person(row)}, "ground_truth": "by" not in row, "result": _results(row)}
            for row in rows
        ]
    return task


def _results(row: Row) -> list[Row]:
    chosen = {"category": [row["category"]] if row["category"] is not None else [], "tags": row["tags"] or []}
    return [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": choices}}
        for name, choices in chosen.items()
        if choices
    ]


def _argilla_record(rows: list[Row]) -> Row:
    record: Row = {"id": rows[0]["id"], "fields": {"text": rows[0]["text"]}, "suggestions": {}, "responses": {}}
    for row in rows:
        for question in ("category", "tags"):
            if row[question] is None:
                continue
            if "source" in row:
                # Argilla keeps one suggestion per question; the last source's stands.
                record["suggestions"][question] = {
                    "value": row[question],
                    "score": row["score"],
                    "agent": row["source"],
                }
            else:
                given = record["responses"].setdefault(question, [])
                given.append({"value": row[question], "user_id": _person(row)})
    return record


def _doccano_line(rows: list[Row]) -> Row:
    labels = [label for row in rows for label in ([row["category"]] if row["category"] else []) + (row["tags"] or [])]
    return {"id": rows[0]["id"], "text": rows[0]["text"], "label": list(dict.fromkeys(labels))}


def _person(row: Row) -> str:
    return str(row.get("by", _GOLD))


def _write_list(target: Path, entries: Iterator[Row]) -> int:
    def lines() -> Iterator[str]:
        for place, entry in enumerate(entries):
            yield ("[\n" if place == 0 else ",\n") + json.dumps(entry, ensure_ascii=False)

    return _write(target, lines(), ending="\n]\n", empty="[]\n")


def _write(target: Path, lines: Iterator[str], *, ending: str = "", empty: str = "") -> int:
    count = 0
    with whole_file(target) as stream:
        for line in lines:
            stream.write(line.encode("utf-8"))
            count += 1
        stream.write((ending if count else empty).encode("utf-8"))
    return count
