from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import UserError
from workbench.exchange.tool_formats import TOOL_WRITERS

GOLD = [
    {"id": "1", "text": "юбка", "category": "A", "tags": ["x"], "annotators": ["ann", "bob"], "agreement": 0.5},
    {"id": "2", "text": "b", "category": None, "tags": [], "annotators": ["ann"], "agreement": 1.0},
]
SAID = [
    {"id": "1", "text": "t", "category": "A", "tags": None, "by": "ann", "status": "given"},
    {"id": "1", "text": "t", "category": "B", "tags": None, "by": "bob", "status": "corrected"},
    {"id": "1", "text": "t", "category": None, "tags": None, "by": "cat", "status": "skipped"},
    {"id": "2", "text": "u", "category": None, "tags": None, "by": "ann", "status": "flagged"},
]
PROPOSED = [
    {"id": "1", "text": "t", "category": "A", "tags": None, "score": 0.9, "source": "model"},
    {"id": "1", "text": "t", "category": "B", "tags": None, "score": None, "source": "team"},
]


def written(tmp_path: Path, format: str, rows: list[dict[str, Any]]) -> Any:
    count = TOOL_WRITERS[format](tmp_path / "out", iter(rows))
    content = (tmp_path / "out").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in content.splitlines()] if format == "doccano" else json.loads(content)
    assert count == len(entries)
    return entries


def choices(name: str, *values: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(values)}}


def test_label_studio_gets_gold_as_ground_truth_of_nobody_in_particular(tmp_path: Path) -> None:
    first, second = written(tmp_path, "label-studio", GOLD)
    assert first["data"] == {"text": "юбка", "id": "1"}
    assert first["annotations"] == [
        {
            "completed_by": {"email": "gold"},
            "ground_truth": True,
            "result": [choices("category", "A"), choices("tags", "x")],
        }
    ]
    assert second["annotations"][0]["result"] == []


def test_label_studio_gets_each_persons_answer_and_no_skips(tmp_path: Path) -> None:
    (task,) = written(tmp_path, "label-studio", SAID)
    assert [(a["completed_by"]["email"], a["result"]) for a in task["annotations"]] == [
        ("ann", [choices("category", "A")]),
        ("bob", [choices("category", "B")]),
    ]
    assert not any(a["ground_truth"] for a in task["annotations"])


def test_label_studio_gets_proposals_as_predictions(tmp_path: Path) -> None:
    (task,) = written(tmp_path, "label-studio", PROPOSED)
    assert [(p["model_version"], p["score"]) for p in task["predictions"]] == [("model", 0.9), ("team", 0.0)]


def test_argilla_gets_responses_or_suggestions(tmp_path: Path) -> None:
    (said,) = written(tmp_path, "argilla", SAID)
    assert said["responses"]["category"] == [{"value": "A", "user_id": "ann"}, {"value": "B", "user_id": "bob"}]
    assert "tags" not in said["responses"]
    (proposed,) = written(tmp_path, "argilla", PROPOSED)
    assert proposed["suggestions"]["category"] == {"value": "B", "score": None, "agent": "team"}
    assert proposed["responses"] == {}
    gold = written(tmp_path, "argilla", GOLD)
    assert gold[0]["responses"]["tags"] == [{"value": ["x"], "user_id": "gold"}]


def test_doccano_gets_a_line_for_each_record_with_its_labels_once(tmp_path: Path) -> None:
    assert written(tmp_path, "doccano", [*GOLD, {**GOLD[1], "category": "B"}]) == [
        {"id": "1", "text": "юбка", "label": ["A", "x"]},
        {"id": "2", "text": "b", "label": ["B"]},
    ]


@pytest.mark.parametrize("format", TOOL_WRITERS)
def test_nothing_to_write_is_an_empty_file_of_the_same_shape(tmp_path: Path, format: str) -> None:
    assert written(tmp_path, format, []) == []


def test_a_name_in_gz_is_packed_and_a_folder_is_refused(tmp_path: Path) -> None:
    TOOL_WRITERS["argilla"](tmp_path / "out.json.gz", iter(GOLD))
    assert len(json.loads(gzip.decompress((tmp_path / "out.json.gz").read_bytes()))) == 2
    with pytest.raises(UserError, match="it is a folder"):
        TOOL_WRITERS["argilla"](tmp_path, iter(GOLD))
