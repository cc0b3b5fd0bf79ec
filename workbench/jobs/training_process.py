"""Retraining as a process of its own: it may take all memory, be cancelled, or die, and the worker lives on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

from db.audit import ACTOR
from db.errors import UserError
from workbench.jobs.work import Report, Run

_GRACE_S = 10.0
_PATIENCE_S = 0.3
_OPTIONS = ("recipe", "seed", "snapshot", "budget", "promote")


def retrain_command(project: str, options: Mapping[str, Any], *, as_json: bool = True) -> list[str]:
    """The command line of `python -m training.retrain` for these options; those that are None are left out."""
    command = [sys.executable, "-m", "training.retrain", "--project", project, *(["--json"] if as_json else [])]
    for name in _OPTIONS:
        if options.get(name) is not None:
            command += [f"--{name}", str(options[name])]
    for assignment in options.get("set") or ():
        command += ["--set", assignment]
    return [*command, "--use-proposals"] if options.get("use_proposals") else command


def run_training(command: list[str], run: Run, *, pid_file: Path) -> dict[str, Any]:
    """Run one training to its end and return its JSON result; {"cancelled": True} when it was told to stop.

    A process that an earlier, killed worker left behind is ended first. Raises UserError with the training's own last
    line when it fails.
    """
    end_leftover(pid_file)
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    process = _started(command, run.by)
    pid_file.write_text(str(process.pid))
    assert process.stdout is not None
    assert process.stderr is not None
    output = _Output(process.stdout)
    last = ""
    for line in _lines(process.stderr, is_over=lambda: process.poll() is not None):
        if run.cancelled():
            _end(process)
            return {"cancelled": True}
        if said := _reported(line, run.report):
            run.log(said)
            last = said
    process.wait()
    pid_file.unlink(missing_ok=True)
    if process.returncode:
        raise UserError(last.removeprefix("error: ") or f"training ended with exit code {process.returncode}")
    return dict(json.loads(output.text()))


def _started(command: list[str], by: str) -> subprocess.Popen[str]:
    """In a session of its own, so that it can be ended with all it has started."""
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        encoding="utf-8",
        # The versions and promotions that it notes are of whoever asked for it.
        env=os.environ | ({ACTOR: by} if by else {}),
    )


def end_leftover(pid_file: Path) -> None:
    """End the process group that `pid_file` names, if it is still a training."""
    with suppress(FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
        pid = int(pid_file.read_text())
        if "training.retrain" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
            os.killpg(pid, signal.SIGKILL)
    pid_file.unlink(missing_ok=True)


class _Output:
    """Collects a stream in the background, so that the process never waits for its reader."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._parts: list[str] = []
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._stream:
            self._parts.append(self._stream.read())

    def text(self) -> str:
        self._thread.join()
        return "".join(self._parts)


def _lines(stream: IO[str], *, is_over: Callable[[], bool]) -> Iterator[str]:
    """Each line as it comes, and "" while none does; ends with the stream, or a moment after it should have."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        with stream:
            for line in stream:
                lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_PATIENCE_S)
        except Empty:
            if is_over():
                return
            yield ""
            continue
        if line is None:
            return
        yield line


def _reported(line: str, report: Report) -> str:
    """Pass a line of JSON progress on; any other line comes back."""
    with suppress(ValueError, TypeError, KeyError):
        progress = json.loads(line)
        report(int(progress["done"]), int(progress["total"]), str(progress["step"]))
        return ""
    return line.strip()


def _end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
