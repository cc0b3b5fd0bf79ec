"""The databases: reached, migrated, sound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from db.engine import reading
from db.imports import SILENCE
from db.migrate import newest_revision, stored_revision
from db.tables import AnnotationRow, ImportRow, ProjectRow, utcnow
from workbench.upkeep.findings import Finding, Patient, ok, problem, warning
from workbench.upkeep.stores import JOBS, MLFLOW, POSTGRESQL, SQLITE, WORKBENCH, connected

_ASTRAY = timedelta(seconds=30)


def database(patient: Patient) -> Iterator[Finding]:
    store = patient.store(WORKBENCH)
    if store is None:
        yield warning(f"none yet in {patient.settings.data}", "workbench import FILE --project P --kind category")
        return
    with connected(store) as connection:
        revision = stored_revision(connection)
    address = store.url.render_as_string(hide_password=True)
    if revision is None:
        yield warning(f"{address} is empty", "workbench import FILE --project P --kind category")
    elif revision > newest_revision():
        yield problem(f"{address} is of a later release (migration {revision})", "install that release")
    elif revision < newest_revision():
        yield warning(
            f"{address} is at migration {revision} of {newest_revision()}",
            "workbench backup, then any other command migrates it",
        )
    else:
        yield ok(f"{address}, migration {revision}")


def integrity(patient: Patient) -> Iterator[Finding]:
    """SQLite reads every page of its files, and no row points to one that is not there."""
    for name in (WORKBENCH, JOBS, MLFLOW):
        store = patient.store(name)
        if store is None or store.kind != SQLITE:
            continue
        with connected(store) as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if said != "ok":
            yield problem(f"{store.file}: {said}", "stop everything and restore a backup: workbench restore IN --force")
        elif lost:
            what = ", ".join(sorted({str(row[0]) for row in lost}))
            yield problem(f"{store.file}: {len(lost)} rows of {what} point nowhere", "restore a backup")
        else:
            yield ok(f"{name} is sound")


def imports(patient: Patient) -> Iterator[Finding]:
    """What a killed import left is invisible, but takes room."""
    stale = select(ProjectRow.name, ImportRow.file).join(ProjectRow, ProjectRow.id == ImportRow.project_id)
    still = ImportRow.seen_at < utcnow() - SILENCE
    with reading(patient.engine) as session:
        left = session.execute(stale.where(ImportRow.completed_at.is_(None), still)).all()
    for project, file in left:
        yield warning(f"{file!r} into {project!r} never ended", "import it again; that clears the rest away")
    if not left:
        yield ok("none left unfinished")


def clock(patient: Patient) -> Iterator[Finding]:
    """Leases, sessions and the order of answers go by the time of day."""
    with reading(patient.engine) as session:
        newest = session.scalar(select(func.max(AnnotationRow.annotated_at)))
        there = session.scalar(select(func.now())) if patient.engine.dialect.name == POSTGRESQL else None
    now = utcnow()
    if there is not None and abs(there - now) > _ASTRAY:
        yield problem(f"the database server's is {abs(there - now).total_seconds():.0f} s off", "set both by NTP")
    elif newest is not None and newest - now > _ASTRAY:
        yield warning(f"the newest answer is of {newest:%Y-%m-%d %H:%M} UTC, which is to come", "set the clock by NTP")
    else:
        yield ok(f"{now:%Y-%m-%d %H:%M} UTC")
