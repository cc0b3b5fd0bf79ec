"""PostgreSQL's own tools, which know best how a database of theirs is written down and read back."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL

from db.errors import UserError


def dump(url: URL, target: Path, *, schemas: Sequence[str], snapshot: str = "") -> None:
    """Write `schemas` into `target` in pg_dump's custom format, as they are in an exported snapshot.

    Raises UserError where pg_dump is missing, older than the server, or refused.
    """
    chosen = [f"--schema={schema}" for schema in schemas]
    command = ["--format=custom", f"--file={target}", *chosen, *([f"--snapshot={snapshot}"] if snapshot else [])]
    _run("pg_dump", [*command, f"--dbname={_address(url)}"], url)


def load(url: URL, source: Path) -> None:
    """Read a dump into the database, wholly or not at all; raises UserError with what pg_restore says."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", [*options, f"--dbname={_address(url)}", str(source)], url)


def _run(tool: str, arguments: Sequence[str], url: URL) -> None:
    if shutil.which(tool) is None:
        raise UserError(f"{tool} is not installed; on Debian and Ubuntu: apt-get install postgresql-client")
    # Not on the command line, where everybody on the machine could read it.
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run([tool, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise UserError(f"{tool} failed: {' '.join(said[:2])[:500] or f'exit code {done.returncode}'}")


def _address(url: URL) -> str:
    bare = url.set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)
