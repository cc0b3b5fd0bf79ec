"""`workbench import`: a file becomes records with labels and proposals, all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.errors import UserError
from db.imports import drop_import, start_import
from db.label_sets import get_label_set
from db.projects import check_name, create_project, drop_empty_project, find_project, get_project
from db.types import Project
from workbench.exchange.cleaning import check_cleaners
from workbench.exchange.import_run import ImportRun, Progress
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.requests import ImportRequest, ImportSummary
from workbench.files.reading import open_table


def import_file(
    engine: Engine, request: ImportRequest, *, home: Path, progress: Progress = lambda rows, fraction: None
) -> ImportSummary:
    """Import one file. `progress` gets the rows read and the fraction of the file they are.

    Raises UserError when nothing can be taken: a wrong column, a file that is not what it says, no row without fault.
    """
    request.check()
    check_cleaners(request.cleaning)
    by = request.asked_by or None
    with naming(request), open_table(request.path, sheet=request.sheet) as table:
        table.require(*request.columns)
        project, made = _project(engine, request)
        with writing(engine, by=by) as session:
            import_id = start_import(session, project, file=request.called, cleaning=request.cleaning)
            label_set = get_label_set(session, project)
        check = LabelCheck(label_set, project.kind, may_add=request.add_labels)
        try:
            return ImportRun(engine, request, project, import_id, check, home).take(table, progress)
        except BaseException:
            with writing(engine, by=by) as session:
                drop_import(session, import_id)
                if made:
                    drop_empty_project(session, project)
            raise


@contextmanager
def naming(request: ImportRequest) -> Iterator[None]:
    """Faults within name the file as people know it, where that is not its name on disk."""
    try:
        yield
    except UserError as error:
        if not request.name:
            raise
        raise type(error)(str(error).replace(str(request.path), request.name)) from error


def target_project(session: Session, request: ImportRequest) -> Project | None:
    """The project to import into; None where the import is to make it.

    Raises UserError for a bad name, for an unknown project without a kind, and for a kind that is not the project's.
    """
    check_name(request.project)
    project = find_project(session, request.project)
    if project is None and request.kind is None:
        get_project(session, request.project)
    if project is not None and request.kind not in (None, project.kind):
        raise UserError(f"project {project.name!r} is of kind {project.kind.value}, not {request.kind}")
    return project


def _project(engine: Engine, request: ImportRequest) -> tuple[Project, bool]:
    """The project, and whether this import made it."""
    with reading(engine) as session:
        project = target_project(session, request)
    if project is not None:
        return project, False
    assert request.kind is not None
    with writing(engine, by=request.asked_by or None) as session:
        return create_project(session, request.project, request.kind), True
