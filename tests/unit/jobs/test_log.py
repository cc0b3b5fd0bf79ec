"""A job's log as its page reads it: whole lines, from where it stopped, or the last ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.errors import NotFoundError
from workbench.jobs import log
from workbench.jobs.log import JobLog, log_of


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobLog:
    """Ten lines of two bytes a letter, read in parts of 60 bytes."""
    monkeypatch.setattr(log, "MOST_AT_ONCE", 60)
    path = tmp_path / "jobs" / "a.log"
    path.parent.mkdir()
    path.write_text("".join(f"строка {n}\n" for n in range(10)), encoding="utf-8")
    return JobLog(path)


def test_reading_goes_on_where_it_stopped_and_never_cuts_a_line(written: JobLog) -> None:
    after, text, parts = 0, "", 0
    while (part := written.part(after)).text:
        after, text, parts = part.after, text + part.text, parts + 1
        assert part.text.endswith("\n")
    assert text == written.path.read_text(encoding="utf-8")
    assert parts > 2
    assert not part.more


def test_without_a_place_the_last_lines_come(written: JobLog) -> None:
    part = written.part(None)
    assert part.text.splitlines()[-1] == "строка 9"
    assert part.text.startswith("строка ")
    assert (part.after, part.more) == (written.path.stat().st_size, False)


def test_a_log_that_was_made_anew_is_read_from_its_end(written: JobLog) -> None:
    assert written.part(10_000).text.splitlines()[-1] == "строка 9"


def test_a_line_without_an_end_waits_for_it_unless_it_fills_a_whole_part(written: JobLog) -> None:
    size = written.path.stat().st_size
    with written.path.open("a", encoding="utf-8") as stream:
        stream.write("x" * 200)
    assert written.part(size).text == "x" * 60


def test_no_log_yet_is_an_empty_one(tmp_path: Path) -> None:
    part = log_of(tmp_path, "retrain-1").part(None)
    assert (part.text, part.after, part.more) == ("", 0, False)


def test_a_line_has_its_time_and_whatever_cannot_be_written_is_replaced(tmp_path: Path) -> None:
    added = log_of(tmp_path / "jobs", "retrain-1")
    added.line("half \ud800 a pair\n")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  half \? a pair\n", added.part(0).text)


@pytest.mark.parametrize("job_id", ["../up", "a/b", "", "a" * 200, "a.log", "a\0"])
def test_what_cannot_be_the_id_of_a_job_leads_to_no_file(tmp_path: Path, job_id: str) -> None:
    with pytest.raises(NotFoundError, match="no job"):
        log_of(tmp_path, job_id)
