"""Reading and editing a project's guidelines, version by version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from sqlalchemy import Engine

from db.engine import reading, writing
from db.guidelines import get_guidelines, get_guidelines_version, guideline_versions, save_guidelines
from db.projects import get_project
from db.versions import Version

_AROUND = 3


class LineKind(StrEnum):
    """`GAP` stands for lines that are the same and far from any change."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidelines:
    """Version 0 where none were written."""

    version: int
    text: str


def shown_guidelines(engine: Engine, project_name: str, version: int | None = None) -> Guidelines:
    """Those in force, or one of their versions; raises UserError for one there is not."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        if version is not None:
            return Guidelines(version=version, text=get_guidelines_version(session, project, version))
        newest, text = get_guidelines(session, project)
    return Guidelines(version=newest, text=text)


def edit_guidelines(engine: Engine, project_name: str, text: str, *, based_on: int, by: str) -> int:
    """Make `text` the next version; returns the version in force.

    Raises ConflictError when `based_on`, the version that was edited, is no longer in force.
    """
    with writing(engine, by=by) as session:
        return save_guidelines(session, get_project(session, project_name), text, based_on=based_on)


def guideline_history(engine: Engine, project_name: str) -> list[Version]:
    """Newest first."""
    with reading(engine) as session:
        return guideline_versions(session, get_project(session, project_name))


def difference(engine: Engine, project_name: str, *, old: int, new: int) -> list[tuple[LineKind, str]]:
    """What `new` changed against `old`, line by line; version 0 is the empty text. Raises UserError for no version."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        before, after = (get_guidelines_version(session, project, v) if v else "" for v in (old, new))
    return list(different_lines(before, after))


def different_lines(before: str, after: str) -> Iterator[tuple[LineKind, str]]:
    """Changed lines, with some around them. Pure."""
    old, new = before.splitlines(), after.splitlines()
    shown = 0
    for group in SequenceMatcher(a=old, b=new).get_grouped_opcodes(_AROUND):
        if group[0][1] > shown:
            yield LineKind.GAP, ""
        for what, start, end, new_start, new_end in group:
            if what == "equal":
                yield from ((LineKind.SAME, line) for line in old[start:end])
            else:
                yield from ((LineKind.REMOVED, line) for line in old[start:end])
                yield from ((LineKind.ADDED, line) for line in new[new_start:new_end])
            shown = end
    if 0 < shown < len(old):
        yield LineKind.GAP, ""
