"""Editing labels in steps that can be looked at: what a change would mean, saving it, and what was changed before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db.engine import reading, writing
from db.label_changes import ChangeKind, LabelChange, compare_label_sets
from db.label_sets import (
    all_label_sets,
    get_label_set,
    get_label_set_version,
    label_set_versions,
    parse_label_set,
    save_label_set,
)
from db.projects import get_project
from db.proposals import refresh_on_list
from db.types import LabelSet, Project
from db.versions import Version
from workbench.exchange.label_use import LabelUse, use_in_answers, use_in_proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """A change, and how many answers and proposals use the label; counted for labels that are removed."""

    change: LabelChange
    answers: int = 0
    proposals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsShown:
    project: Project
    label_set: LabelSet


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVersion:
    """A version with how many labels it removed, added and changed against the one before."""

    version: Version
    changes: Mapping[ChangeKind, int]


def shown_labels(engine: Engine, project_name: str, version: int | None = None) -> LabelsShown:
    """The label set in force, or one of its versions; raises UserError for one there is not."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        label_set = (
            get_label_set(session, project) if version is None else get_label_set_version(session, project, version)
        )
    return LabelsShown(project=project, label_set=label_set)


def consequences(engine: Engine, project_name: str, definition: object) -> list[Consequence]:
    """What saving `definition` would change; raises UserError naming the entry at fault."""
    edited = parse_label_set(definition)
    with reading(engine) as session:
        project = get_project(session, project_name)
        current = get_label_set(session, project)
        changes = compare_label_sets(current, edited)
        answers, proposals = LabelUse(), LabelUse()
        if any(change.kind is ChangeKind.REMOVED for change in changes):
            answers = use_in_answers(session, project, current)
            proposals = use_in_proposals(session, project, current)
    return [_consequence(change, answers, proposals) for change in changes]


def save_labels(engine: Engine, project_name: str, definition: object, *, based_on: int, by: str) -> LabelSet:
    """Make `definition` the next version; `based_on` is the version that was edited.

    Raises UserError naming the entry at fault, ConflictError when somebody saved another version meanwhile.
    """
    edited = parse_label_set(definition)
    with writing(engine, by=by) as session:
        project = get_project(session, project_name)
        saved = save_label_set(session, project, edited, based_on=based_on)
        refresh_on_list(session, project, saved)
        return saved


def label_history(engine: Engine, project_name: str) -> list[LabelVersion]:
    """Newest first."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        versions = label_set_versions(session, project)
        label_sets = all_label_sets(session, project)
    # Each is compared with the one before it, the first with an empty one.
    before = [*label_sets, LabelSet()][1:]
    return [
        LabelVersion(version=version, changes=Counter(c.kind for c in compare_label_sets(old, new)))
        for version, new, old in zip(versions, label_sets, before, strict=True)
    ]


def changes_between(engine: Engine, project_name: str, *, old: int, new: int) -> Sequence[LabelChange]:
    """What `new` changed against `old`; version 0 is the empty label set. Raises UserError for no such version."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        before, after = (
            get_label_set_version(session, project, version) if version else LabelSet() for version in (old, new)
        )
    return compare_label_sets(before, after)


def _consequence(change: LabelChange, answers: LabelUse, proposals: LabelUse) -> Consequence:
    if change.kind is not ChangeKind.REMOVED:
        return Consequence(change=change)
    return Consequence(
        change=change,
        answers=answers.of(change.name, change.section),
        proposals=proposals.of(change.name, change.section),
    )
