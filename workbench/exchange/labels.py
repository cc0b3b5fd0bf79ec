"""`workbench labels`: showing and replacing a project's label set."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import get_label_set, parse_label_set, save_label_set
from db.projects import check_name, create_project, find_project, get_project
from db.proposals import refresh_on_list
from db.types import Kind, LabelSet


def show_labels(engine: Engine, project_name: str) -> LabelSet:
    with reading(engine) as session:
        return get_label_set(session, get_project(session, project_name))


def replace_labels(engine: Engine, project_name: str, file: Path, kind: Kind | None = None) -> LabelSet:
    """Make `file` the label set in force; `kind` creates a project that is not there yet.

    Raises UserError naming the file and the entry at fault.
    """
    check_name(project_name)
    label_set = read_labels(file)
    with writing(engine) as session:
        project = find_project(session, project_name)
        if project is None:
            project = (
                get_project(session, project_name) if kind is None else create_project(session, project_name, kind)
            )
        if kind is not None and project.kind is not kind:
            raise UserError(f"project {project.name!r} is of kind {project.kind.value}, not {kind.value}")
        saved = save_label_set(session, project, label_set)
        refresh_on_list(session, project, saved)
        return saved


class _Loader(yaml.BaseLoader):
    """Takes every word as it is written: `no`, `007` and `2024-01-01` are names. Refuses a key that comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} comes twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def read_labels(file: Path) -> LabelSet:
    """The label set a labels.yaml describes."""
    try:
        definition = yaml.load(file.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506 (makes nothing but text)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(f"{file}{where}: not YAML: {reason}") from error
    try:
        label_set = parse_label_set(definition)
    except UserError as error:
        raise UserError(f"{file}: {error}") from error
    if label_set.is_empty:
        raise UserError(f"{file}: it lists neither categories nor tags")
    return label_set
