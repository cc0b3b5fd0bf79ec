"""What `workbench up` runs: each part's command, address and sign of being ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from db.settings import Settings
from training.mlflow_address import is_served
from workbench.settings import WorkbenchSettings

# One server process is enough for one machine, and its own job runner would take 2.5 GB more.
_MLFLOW_ENVIRONMENT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`ready` is an address that answers 200 once the part works; a part without one is ready when it runs."""

    name: str
    title: str
    command: tuple[str, ...]
    host: str = ""
    port: int = 0
    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}" if self.port else ""


def parts_of(
    settings: Settings, workbench: WorkbenchSettings, *, host: str | None, names: tuple[str, ...]
) -> list[Part]:
    """The parts among `names`; MLflow's pages only where its store is on this machine."""
    parts = [
        _service("ui", "pages", host or workbench.ui_host, workbench.ui_port),
        _service("api", "prediction API", host or workbench.api_host, workbench.api_port),
        _worker(),
    ]
    if not is_served(settings.mlflow):
        # Its pages ask nobody who they are, so they stay on this machine whatever the others listen on.
        parts.append(mlflow_part(settings, "127.0.0.1", workbench.mlflow_port))
    return [part for part in parts if part.name in names]


def mlflow_part(settings: Settings, host: str, port: int) -> Part:
    """MLflow's tracking pages over the store that training writes to."""
    folder = settings.home / "mlruns"
    command = ("-m", "mlflow", "server", "--workers", "1")
    places = ("--default-artifact-root", (folder / "artifacts").as_uri(), "--host", host, "--port", str(port))
    # By the environment, because the address may hold a password, which every user could read on a command line.
    store = {"MLFLOW_BACKEND_STORE_URI": settings.mlflow}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return Part(
        name="mlflow",
        title="MLflow",
        command=(sys.executable, *command, *places, "--no-serve-artifacts"),
        host=host,
        port=port,
        ready=f"http://{host}:{port}/health",
        environment=_MLFLOW_ENVIRONMENT | store | {"PATH": path},
    )


def _service(name: str, title: str, host: str, port: int) -> Part:
    """One of our own services, which listen and answer /healthz."""
    command = (sys.executable, "-m", "workbench.cli", name, "--host", host, "--port", str(port))
    ready = f"http://{host}:{port}/healthz"
    return Part(name=name, title=title, command=command, host=host, port=port, ready=ready)


def _worker() -> Part:
    return Part(name="worker", title="worker", command=(sys.executable, "-m", "workbench.cli", "worker"))
