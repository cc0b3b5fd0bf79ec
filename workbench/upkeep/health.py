"""`python -m workbench.upkeep.health PART`: exit 0 where a part that runs on this machine answers, else 1 and a line.

For health checks of containers, which ask every few seconds: it costs a tenth of what a `workbench` command does.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

WITHIN_S = 5.0
# Where each part answers: the default port, the variable that says another, the path.
_ANSWERS = {
    "ui": (7860, "WORKBENCH_UI_PORT", "/healthz"),
    "api": (8000, "WORKBENCH_API_PORT", "/readyz"),
    "mlflow": (5000, "WORKBENCH_MLFLOW_PORT", "/health"),
}
PARTS = (*_ANSWERS, "worker")


def main(arguments: list[str]) -> int:
    """Exit code 2 on wrong usage."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        sys.stderr.write(f"usage: python -m workbench.upkeep.health {'|'.join(PARTS)}\n")
        return 2
    fault = _worker_fault() if arguments[0] == "worker" else _fault(arguments[0])
    if fault:
        sys.stderr.write(f"{arguments[0]}: {fault}\n")
    return bool(fault)


def _fault(part: str) -> str:
    port, variable, path = _ANSWERS[part]
    address = f"http://127.0.0.1:{os.environ.get(variable) or port}{path}"
    # A proxy that the environment names is for the world outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=WITHIN_S) as answer:
            return "" if answer.status == 200 else f"{address} answers {answer.status}"
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        return f"{address}: {error}"


def _worker_fault() -> str:
    """A worker answers nobody; it says in the database that it lives."""
    from sqlalchemy import inspect
    from sqlalchemy.orm import Session

    from db.errors import UserError
    from db.settings import load_settings
    from db.workers import count_alive
    from workbench.upkeep.stores import connected, own_store

    try:
        store = own_store(load_settings())
        if store.file is not None and not store.file.is_file():
            return f"there is no database at {store.file} yet"
        with connected(store) as connection:
            alive = inspect(connection).has_table("workers") and count_alive(Session(connection))
        return "" if alive else "none has said for a while that it lives"
    except UserError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
