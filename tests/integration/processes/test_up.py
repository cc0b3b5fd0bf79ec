"""`workbench up --detach`, `status`, `logs` and `stop`, with the real parts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PORTS = ("WORKBENCH_UI_PORT", "WORKBENCH_API_PORT", "WORKBENCH_MLFLOW_PORT")


def workbench(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *arguments], capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == expect, done.stderr
    return done


@pytest.fixture
def ports(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    free = {name: probe.getsockname()[1] for name, probe in zip(PORTS, held, strict=True)}
    for probe in held:
        probe.close()
    for name, port in free.items():
        monkeypatch.setenv(name, str(port))
    yield free
    if (home / "data" / "up.json").exists():
        workbench("stop")


def test_everything_comes_up_says_so_and_is_ended(ports: dict[str, int], home: Path) -> None:
    assert workbench("status", expect=1).stdout == "not up\n"
    assert "no workbench of this home is up" in workbench("stop", expect=1).stderr
    workbench("up", "--detach")
    state = json.loads(workbench("status", "--json").stdout)
    assert state == {"up": True, "parts": {"ui": "ready", "api": "ready", "worker": "running", "mlflow": "ready"}}
    assert httpx.get(f"http://127.0.0.1:{ports['WORKBENCH_UI_PORT']}/").status_code == 200
    assert httpx.get(f"http://127.0.0.1:{ports['WORKBENCH_API_PORT']}/readyz").status_code == 200
    assert "is up already" in workbench("up", expect=1).stderr
    assert "ready" in workbench("logs", "up").stdout
    pid = json.loads((home / "data" / "up.json").read_text())["pid"]
    workbench("stop")
    assert workbench("status", expect=1).stdout == "not up\n"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{ports['WORKBENCH_API_PORT']}/healthz")


def test_a_taken_port_is_one_clear_line(ports: dict[str, int]) -> None:
    with socket.create_server(("127.0.0.1", ports["WORKBENCH_API_PORT"])):
        done = workbench("up", "--detach", expect=1)
    assert done.stderr == (
        f"error: port {ports['WORKBENCH_API_PORT']} for prediction API cannot be used: Address already in use; "
        "is another workbench up? (workbench status, workbench stop)\n"
    )


def test_an_unknown_part_is_named() -> None:
    assert (
        workbench("up", "--only", "ui,apo", expect=1).stderr == "error: no part 'apo'; parts: ui, api, worker, mlflow\n"
    )
