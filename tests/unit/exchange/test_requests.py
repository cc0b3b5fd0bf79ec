from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import UserError
from db.types import Kind
from workbench.exchange.requests import ImportRequest, ProposalColumn


def request(**values: Any) -> ImportRequest:
    return ImportRequest(path=Path("f.csv"), project="p", **values)


def test_a_proposal_column_has_a_source_and_may_have_scores() -> None:
    assert ProposalColumn.parse(" m = team-a ") == ProposalColumn(column="m", source="team-a")
    assert ProposalColumn.parse("m:s=llm:gpt") == ProposalColumn(column="m", source="llm:gpt", score_column="s")


@pytest.mark.parametrize("raw", ["", "m", "m=", "=x", ":s=x", "m: s"])
def test_a_proposal_column_without_a_column_or_a_source_is_refused(raw: str) -> None:
    with pytest.raises(UserError, match="--proposal-column"):
        ProposalColumn.parse(raw)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"labels_column": "l"}, "--by NAME is needed"),
        ({"tags_column": "t", "by": " "}, "--by NAME is needed"),
        ({"blind": True}, "--blind says that people"),
        ({"labels_column": "l", "by": "me", "blind": True, "as_annotation": False}, "--blind says that people"),
        ({"labels_column": "l", "by": "x" * 256}, "at most 255 characters"),
        ({"labels_column": "l", "by": "a\nb"}, "all printable"),
        ({"proposal_columns": (ProposalColumn(column="m", source="x" * 256),)}, "--proposal-column"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        request(**values).check()


def test_every_column_that_is_named_is_required_once() -> None:
    columns = (ProposalColumn(column="m", source="a", score_column="s"), ProposalColumn(column="m", source="b"))
    asked = request(id_column="id", labels_column="m", by="Анна", proposal_columns=columns)
    asked.check()
    assert asked.columns == ("text", "id", "m", "s")


def test_a_request_goes_through_a_job_as_plain_json() -> None:
    folder = Path("/home/uploads")
    request = ImportRequest(
        path=folder / "abc.csv.gz",
        name="отзывы <b>.csv.gz",
        project="p",
        kind=Kind.BOTH,
        labels_column="label",
        by="анна",
        asked_by="борис",
        proposal_columns=(ProposalColumn(column="a", source="x", score_column="s"),),
        cleaning=("html",),
    )
    options = json.loads(json.dumps(request.as_options()))
    assert options["path"] == "abc.csv.gz"
    assert ImportRequest.from_options(options, folder) == request
    assert ImportRequest.from_options({"path": "a.csv", "project": "p"}, folder).kind is None


@pytest.mark.parametrize("path", ["../a.csv", "/etc/passwd", "sub/a.csv", "", "..", "."])
def test_a_job_reads_no_file_outside_the_uploads(path: str) -> None:
    with pytest.raises(UserError, match="no file among the uploads"):
        ImportRequest.from_options({"path": path, "project": "p"}, Path("/home/uploads"))
