"""Commands that keep an installation: backup, restore, doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from db.settings import load_settings
from workbench.cli.console import Json, note, progress, show


def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new .tar.gz file, or a new folder.")],
    json: Json = False,
) -> None:
    """Back up the database, the models and their runs, while people work; what was written is read back."""
    from workbench.upkeep.backup import back_up

    with progress("backup", as_json=json) as report:
        made = back_up(load_settings(), out, report)
    for warning in made.warnings:
        note(f"not included: {warning}")
    manifest = made.manifest
    result = {
        "file": str(out),
        "files": len(manifest.entries),
        "bytes": made.size,
        "counts": manifest.counts,
        "champions": manifest.champions,
        "created_at": manifest.created_at,
        "warnings": made.warnings,
    }
    line = f"{out}: {_counted(manifest.counts)}; {len(manifest.entries)} files, {made.size / 1e6:.1f} MB, verified"
    show(result, [line], as_json=json)


def restore(
    source: Annotated[Path, typer.Argument(metavar="IN", help="What workbench backup wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Where there is something already: move it aside first.")
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup into an empty WORKBENCH_HOME, verified first, wholly or not at all."""
    from workbench.upkeep.restore import restore as put_back

    with progress("restore", as_json=json) as report:
        done = put_back(load_settings(), source, force=force, report=report)
    for warning in done.warnings:
        note(f"missing: {warning}")
    manifest = done.manifest
    result = {
        "home": str(done.home),
        "counts": manifest.counts,
        "champions": manifest.champions,
        "created_at": manifest.created_at,
        "aside": done.aside,
        "warnings": done.warnings,
    }
    lines = [f"{done.home}: restored as it was at {manifest.created_at}: {_counted(manifest.counts)}"]
    if done.aside:
        lines.append(f"what was there before is kept as {done.aside}; delete it when it is not needed")
    show(result, [*lines, "workbench doctor says whether everything answers"], as_json=json)


def doctor(json: Json = False) -> None:
    """Look the installation over; exit 1 where something has to be mended."""
    from workbench.upkeep.doctor import State, examine

    findings = examine()
    worst = max(finding.state for finding in findings)
    show(
        {
            "healthy": worst is not State.PROBLEM,
            "findings": [asdict(finding) | {"state": finding.state.name.lower()} for finding in findings],
        },
        [finding.line for finding in findings],
        as_json=json,
    )
    raise typer.Exit(worst is State.PROBLEM)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)
