"""`workbench import`: a file becomes records with labels and proposals, all at once or not at all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

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
    with open_table(request.path, sheet=request.sheet) as table:
        table.require(*request.columns)
        project, made = _project(engine, request)
        with writing(engine) as session:
            import_id = start_import(session, project, file=request.path.name, cleaning=request.cleaning)
            label_set = get_label_set(session, project)
        check = LabelCheck(label_set, project.kind, may_add=request.add_labels)
        try:
            return ImportRun(engine, request, project, import_id, check, home).take(table, progress)
        except BaseException:
            with writing(engine) as session:
                drop_import(session, import_id)
                if made:
                    drop_empty_project(session, project)
            raise


def _project(engine: Engine, request: ImportRequest) -> tuple[Project, bool]:
    """The project, and whether this import made it."""
    check_name(request.project)
    with reading(engine) as session:
        project = find_project(session, request.project)
        if project is None and request.kind is None:
            get_project(session, request.project)
    if project is not None:
        if request.kind is not None and request.kind is not project.kind:
            raise UserError(f"project {project.name!r} is of kind {project.kind.value}, not {request.kind.value}")
        return project, False
    assert request.kind is not None
    with writing(engine) as session:
        return create_project(session, request.project, request.kind), True
