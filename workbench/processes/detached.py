"""`up --detach`, `status`, `logs` and `stop`: a workbench that runs without a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from db.errors import UserError
from workbench.processes.part import Part
from workbench.processes.supervisor import READY_WITHIN_S, answers

NOT_UP = "not answering"
_STOP_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class UpState:
    """The note a running `workbench up` leaves in its home."""

    pid: int
    parts: dict[str, str]


def state_file(data: Path) -> Path:
    return data / "up.json"


def write_state(data: Path, parts: list[Part]) -> None:
    state = {"pid": os.getpid(), "parts": {part.name: part.ready for part in parts}}
    partial = state_file(data).with_suffix(".partial")
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.replace(state_file(data))


def read_state(data: Path) -> UpState | None:
    """The running workbench of this home, or None."""
    with suppress(FileNotFoundError, ValueError, KeyError):
        state = json.loads(state_file(data).read_text(encoding="utf-8"))
        if _is_alive(state["pid"]):
            return UpState(pid=state["pid"], parts=state["parts"])
    return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def start_detached(data: Path, arguments: list[str]) -> UpState:
    """Run `workbench up` in a session of its own until it is ready; raises UserError when it does not start."""
    if read_state(data) is not None:
        raise UserError("a workbench of this home is up already; workbench status shows it, workbench stop ends it")
    log = data / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", "up", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8").strip().splitlines()
            raise UserError(said[-1].removeprefix("error: ") if said else f"it ended at once; see {log}")
        state = read_state(data)
        if state is not None and state.pid == process.pid:
            return state
        time.sleep(0.1)
    raise UserError(f"not ready after {READY_WITHIN_S:.0f} s; see {log}")


def part_states(state: UpState) -> dict[str, str]:
    """ready, running or not answering, by part."""
    return {
        name: "running" if not address else "ready" if answers(address) else NOT_UP
        for name, address in state.parts.items()
    }


def stop_detached(data: Path) -> None:
    """End the running workbench; raises UserError when none is up."""
    state = read_state(data)
    if state is None:
        raise UserError("no workbench of this home is up")
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_WITHIN_S
    while _is_alive(state.pid):
        if time.monotonic() > deadline:
            raise UserError(f"process {state.pid} does not end; see {data / 'logs' / 'up.log'}")
        time.sleep(0.1)
