"""Starting the parts, waiting until they are ready, restarting one that dies, ending them all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from db.errors import UserError
from workbench.processes.part import Part

READY_WITHIN_S = 90.0
_GRACE_S = 10.0
_RESTART_AFTER_S = 2.0


class Supervisor:
    """Runs parts as processes of one session each; their output goes to LOGS/NAME.log."""

    def __init__(self, parts: Sequence[Part], logs: Path, say: Callable[[str], None]) -> None:
        self._parts = list(parts)
        self._logs = logs
        self._say = say
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start every part and wait until all are ready.

        Raises UserError when a port is taken, or a part ends or is not ready in time; nothing is left running then.
        """
        check_ports(self._parts)
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for part in self._parts:
                self._launch(part)
            for part in self._parts:
                self._wait_for(part)
        except BaseException:
            self.stop()
            raise

    def watch(self, ending: Event) -> None:
        """Keep the parts running until `ending` is set."""
        while not ending.wait(1.0):
            for part in self._parts:
                code = self._running[part.name].poll()
                if code is not None and not ending.wait(_RESTART_AFTER_S):
                    self._say(f"{part.name} ended with exit code {code} (see {self._log(part)}); starting it again")
                    self._launch(part)

    def stop(self) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def _log(self, part: Part) -> Path:
        return self._logs / f"{part.name}.log"

    def _launch(self, part: Part) -> None:
        with self._log(part).open("ab") as log:
            self._running[part.name] = subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | dict(part.environment),
            )

    def _wait_for(self, part: Part) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while part.ready and not answers(part.ready):
            if self._running[part.name].poll() is not None:
                raise UserError(f"{part.name} did not start: {_last_line(self._log(part))} (see {self._log(part)})")
            if time.monotonic() > deadline:
                raise UserError(f"{part.name} is not ready after {READY_WITHIN_S:.0f} s (see {self._log(part)})")
            time.sleep(0.1)


def check_ports(parts: Sequence[Part]) -> None:
    """Raises UserError for the first port that something else listens on."""
    for part in parts:
        if not part.port:
            continue
        with socket.socket(socket.AF_INET6 if ":" in part.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((part.host, part.port))
            except OSError as error:
                raise UserError(
                    f"port {part.port} for {part.title} cannot be used: {error.strerror}; "
                    "is another workbench up? (workbench status, workbench stop)"
                ) from error


def answers(address: str) -> bool:
    """Whether an address answers a GET with success."""
    import httpx

    try:
        return httpx.get(address, timeout=2.0).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
