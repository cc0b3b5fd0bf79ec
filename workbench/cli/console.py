"""What every command shares: results on stdout, progress and errors on stderr, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout; progress as JSON lines on stderr.")]
ProjectName = Annotated[str, typer.Option("--project", "-p", help="The project's name.")]
Report = Callable[[float, float, str], None]


def show(result: Any, lines: list[str], *, as_json: bool) -> None:
    """The result as one JSON object, or as lines for a person."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.write("".join(line + "\n" for line in lines))


def note(line: str) -> None:
    sys.stderr.write(line + "\n")


@contextmanager
def progress(title: str, *, as_json: bool) -> Iterator[Report]:
    """A function (done, total, what) that shows how far the work is: a bar on a terminal, else JSON or nothing."""
    if as_json:
        yield _json_lines(title)
    elif sys.stderr.isatty():
        with _bar(title) as report:
            yield report
    else:
        yield lambda done, total, what: None


def _json_lines(title: str) -> Report:
    last = [-1]

    def report(done: float, total: float, what: str) -> None:
        percent = int(100 * done / total) if total else 0
        if percent != last[0]:
            last[0] = percent
            note(json.dumps({"progress": title, "what": what, "done": done, "total": total}, ensure_ascii=False))

    return report


@contextmanager
def _bar(title: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(done: float, total: float, what: str) -> None:
            bar.update(task, completed=done, total=total or None, description=f"{title} {what}".strip())

        yield report
