"""The machine and what is installed on it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from pathlib import Path

from packaging.requirements import Requirement

import workbench
from workbench.upkeep.findings import Finding, Patient, ok, problem, warning
from workbench.upkeep.stores import WORKBENCH

_PACKAGE = "feedback-workbench"
_SHOWN = 5
_MB = 2**20
# Under the first SQLite soon cannot write; the second is a few models and a backup.
_TOO_FULL, _FILLING = 200 * _MB, 2_000 * _MB


def python(_patient: Patient) -> Iterator[Finding]:
    running = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 12):
        yield ok(running)
    else:
        yield problem(f"{running} is not supported", "install Python 3.11")


def packages(_patient: Patient) -> Iterator[Finding]:
    """What we need is there; and at the versions it was tested with, where these are known."""
    wrong = [line for raw in requires(_PACKAGE) or () if (line := _unmet(Requirement(raw)))]
    if wrong:
        yield problem(_listed(wrong), "pip install --constraint constraints.txt .")
        return
    # What is tested but not installed is for developing.
    tested = {name: version for name, version in tested_versions().items() if _version(name) is not None}
    other = [line for name, version in tested.items() if (line := _differs(name, version))]
    if other:
        yield warning(f"not the tested versions: {_listed(other)}", "pip install --constraint constraints.txt .")
    else:
        yield ok(f"{_PACKAGE} {installed_version(_PACKAGE)}, the {len(tested) or 'needed'} packages as tested")


def home(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.home
    place = next(path for path in (patient.settings.data, folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            yield ok(str(folder))
    except OSError as error:
        who = f"user {os.getuid()}"
        yield problem(f"{place} cannot be written by {who}: {error.strerror}", f"WORKBENCH_HOME, or chown it to {who}")


def disk(patient: Patient) -> Iterator[Finding]:
    place = next(path for path in (patient.settings.home, *patient.settings.home.parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    advice = "make room; workbench backup somewhere else first"
    text = f"{free / 1e9:.1f} GB free"
    yield problem(text, advice) if free < _TOO_FULL else warning(text, advice) if free < _FILLING else ok(text)


def permissions(patient: Patient) -> Iterator[Finding]:
    """The database holds people's texts and the hashes of passwords."""
    store = patient.store(WORKBENCH)
    if store is None or store.file is None:
        return
    if _others_reach(store.file):
        yield warning(f"every user of this machine can read {store.file}", f"chmod 700 {store.file.parent}")
    else:
        yield ok("the database is for its owner alone")


def tested_versions() -> dict[str, str]:
    """Name to version out of constraints.txt, which lies beside the packages or is installed with them."""
    inside = Path(workbench.__file__).parent
    for file in (inside / "constraints.txt", inside.parent / "constraints.txt"):
        if file.is_file():
            pins = [line.split("==") for line in file.read_text(encoding="utf-8").splitlines() if "==" in line]
            return {name.strip(): version.strip() for name, version in pins}
    return {}


def _unmet(requirement: Requirement) -> str:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return ""
    found = _version(requirement.name)
    if found is None:
        return f"{requirement.name} is missing"
    return (
        "" if requirement.specifier.contains(found) else f"{requirement.name} {found}, needed {requirement.specifier}"
    )


def _differs(name: str, tested: str) -> str:
    found = _version(name) or ""
    # A build for other hardware (2.13.0+cpu) is the same version.
    return "" if found.partition("+")[0] == tested else f"{name} {found}, tested {tested}"


def _version(name: str) -> str | None:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return None


def _listed(lines: list[str]) -> str:
    return "; ".join(lines[:_SHOWN]) + (f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else "")


def _others_reach(file: Path) -> bool:
    opened = all(folder.stat().st_mode & stat.S_IXOTH for folder in file.parents)
    return opened and bool(file.stat().st_mode & stat.S_IROTH)
