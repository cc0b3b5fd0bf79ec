"""Start the UI as its own process on a database: `python tests/browser/server_process.py DATABASE_URL HOME PORT`."""

from __future__ import annotations

import os
import sys

from workbench.wiring import open_workbench


def main(url: str, home: str, port: str) -> None:
    os.environ |= {"WORKBENCH_DATABASE_URL": url, "WORKBENCH_HOME": home}
    open_workbench().run_ui(None, int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
