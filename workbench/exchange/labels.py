"""`workbench labels`: showing and replacing a project's label set."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import get_label_set, save_label_set
from db.projects import check_name, create_project, find_project, get_project
from db.proposals import refresh_on_list
from db.types import Kind, LabelSet
from workbench.exchange.labels_yaml import labels_from_yaml


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


def read_labels(file: Path) -> LabelSet:
    """The label set a labels.yaml describes."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text") from error
    return labels_from_yaml(text, str(file))
