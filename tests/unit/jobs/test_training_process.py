"""A training as a process, played by small scripts: what it says, how it ends, for whom it works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.errors import UserError
from workbench.jobs.training_process import retrain_command, run_training
from workbench.jobs.work import Run


class Heard:
    """What a job was told."""

    def __init__(self) -> None:
        self.progress: list[tuple[int, int, str]] = []
        self.lines: list[str] = []

    def run(self, by: str = "", cancelled: Callable[[], bool] = lambda: False) -> Run:
        return Run(
            job_id="j1",
            project="p",
            options={},
            by=by,
            report=lambda done, total, what: self.progress.append((done, total, what)),
            cancelled=cancelled,
            log=self.lines.append,
        )


def play(script: str, tmp_path: Path, run: Run) -> dict[str, Any]:
    return run_training([sys.executable, "-c", script], run, pid_file=tmp_path / "jobs" / "j1.pid")


def test_progress_is_reported_other_lines_are_logged_and_the_result_comes_back(tmp_path: Path) -> None:
    heard = Heard()
    script = """
import json, os, sys
sys.stderr.write('{"step": "fit", "done": 1, "total": 2}\\na warning\\n{"other": "json"}\\n')
print(json.dumps({"for": os.environ["WORKBENCH_ACTOR"]}))
"""
    assert play(script, tmp_path, heard.run(by="анна")) == {"for": "анна"}
    assert heard.progress == [(1, 2, "fit")]
    assert heard.lines == ["a warning", '{"other": "json"}']
    assert not (tmp_path / "jobs" / "j1.pid").exists()


def test_a_failure_is_the_last_line_it_wrote_however_late(tmp_path: Path) -> None:
    script = "import sys; sys.stderr.write('one\\n' * 1000 + 'error: no labels'); sys.exit(1)"
    with pytest.raises(UserError, match=r"^no labels$"):
        play(script, tmp_path, Heard().run())


def test_a_failure_without_a_word_has_its_exit_code(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="training ended with exit code 3"):
        play("raise SystemExit(3)", tmp_path, Heard().run())


def test_it_ends_when_it_is_told_to_with_all_it_has_started(tmp_path: Path) -> None:
    script = "import sys, time; sys.stderr.write('begun\\n'); sys.stderr.flush(); time.sleep(600)"
    heard = Heard()
    assert play(script, tmp_path, heard.run(cancelled=lambda: bool(heard.lines))) == {"cancelled": True}


def test_only_what_was_asked_for_stands_in_the_command() -> None:
    asked = {"recipe": "tfidf", "budget": "5m", "seed": None, "set": ["a=1", "b=2"], "use_proposals": True}
    assert retrain_command("p", asked)[3:] == [
        *("--project", "p", "--json", "--recipe", "tfidf", "--budget", "5m"),
        *("--set", "a=1", "--set", "b=2", "--use-proposals"),
    ]
    assert retrain_command("p", {}, as_json=False)[3:] == ["--project", "p"]
