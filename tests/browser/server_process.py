"""Start the UI as its own process on a database: `python tests/browser/server_process.py DATABASE_URL PORT`."""

from __future__ import annotations

import sys

from db.engine import make_engine
from db.migrate import upgrade
from workbench.api.annotate import annotate_routes
from workbench.ui.app import serve


def main(url: str, port: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    serve(engine, routers=[annotate_routes(engine)], port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
