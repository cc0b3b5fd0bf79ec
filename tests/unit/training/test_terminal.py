"""How a training shows that it lives."""

from __future__ import annotations

import io
import json

from training.terminal import Reporter


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_programs_get_a_line_of_json_per_step() -> None:
    stream = io.StringIO()
    Reporter(stream=stream, as_json=True).progress("fit", 1, 2)
    assert json.loads(stream.getvalue()) == {"step": "fit", "done": 1, "total": 2}


def test_people_get_one_line_that_changes() -> None:
    stream = _Terminal()
    reporter = Reporter(stream=stream, as_json=False)
    reporter.progress("fit", 0, 2)
    reporter.progress("fit", 2, 2)
    reporter.end()
    assert stream.getvalue().count("\n") == 1
    assert "fit 2/2" in stream.getvalue()


def test_a_log_gets_only_what_is_finished() -> None:
    stream = io.StringIO()
    reporter = Reporter(stream=stream, as_json=False)
    reporter.progress("fit", 0, 2)
    reporter.progress("fit", 2, 2)
    reporter.end()
    assert stream.getvalue().count("\n") == 1
