"""The database as it is made: migrations, the append-only log, bulk inserts, faults of the place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, delete, inspect, select, text, update
from sqlalchemy.exc import DatabaseError

from db.annotations import save_annotations
from db.bulk import insert_rows
from db.engine import make_engine, reading, writing
from db.errors import UserError
from db.imports import start_import
from db.migrate import upgrade
from db.projects import create_project, get_project
from db.records import add_record, get_records
from db.tables import AnnotationRow, Base, ImportRow, RecordRow, table_of
from db.types import Annotation, Answer, Kind, Status


def test_migrations_make_the_tables_as_they_are_described(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing_and_every_step_can_be_taken_back(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    import db.migrate

    upgrade(engine)
    config = Config()
    config.set_main_option("script_location", str(Path(db.migrate.__file__).parent / "migrations"))
    for step in (command.downgrade, command.upgrade):
        with engine.execution_options(writing=True).begin() as connection:
            config.attributes["connection"] = connection
            step(config, "base" if step is command.downgrade else "head")
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())


@pytest.fixture
def record_id(engine: Engine) -> int:
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        return add_record(session, project, external_id="1", text="юбка").id


def annotate(engine: Engine, record_id: int, import_id: int | None = None) -> None:
    with writing(engine) as session:
        answer = Annotation(record_id, "ann", Status.GIVEN, Answer("A"))
        save_annotations(session, get_project(session, "p"), [answer], import_id=import_id)


@pytest.mark.parametrize("change", [update(AnnotationRow).values(category="B"), delete(AnnotationRow)])
def test_the_log_of_annotations_refuses_changes_from_anywhere(engine: Engine, record_id: int, change: object) -> None:
    annotate(engine, record_id)
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
        session.execute(change)  # type: ignore[call-overload]


def test_what_an_import_wrote_may_be_taken_back_until_it_completes(engine: Engine, record_id: int) -> None:
    with writing(engine) as session:
        import_id = start_import(session, get_project(session, "p"), file="f")
    annotate(engine, record_id, import_id)
    with writing(engine) as session:
        session.execute(delete(AnnotationRow))
    annotate(engine, record_id, import_id)
    with writing(engine) as session:
        session.execute(update(ImportRow).values(completed_at=datetime.now(UTC)))
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
        session.execute(delete(AnnotationRow))


def test_rows_inserted_in_bulk_are_what_single_ones_would_be(engine: Engine, record_id: int) -> None:
    with writing(engine) as session:
        stored = session.execute(select(table_of(RecordRow))).mappings().one()
        row = {k: v for k, v in stored.items() if k not in ("id", "length")}
        copies = [row | {"external_id": f"c{n}", "attributes": {"ключ": "100%", "a": ":b"}} for n in range(3)]
        insert_rows(session, table_of(RecordRow), copies)
        insert_rows(session, table_of(RecordRow), [])
    with reading(engine) as session:
        _, *made = get_records(session, session.scalars(select(RecordRow.id).order_by(RecordRow.id)).all())
    assert [record.external_id for record in made] == ["c0", "c1", "c2"]
    assert {record.text for record in made} == {"юбка"}
    assert made[0].attributes == {"ключ": "100%", "a": ":b"}


def test_times_come_back_in_utc(engine: Engine, record_id: int) -> None:
    annotate(engine, record_id)
    with reading(engine) as session:
        when = session.scalar(select(AnnotationRow.annotated_at))
    assert when is not None
    assert when.utcoffset() is not None
    assert abs((datetime.now(UTC) - when).total_seconds()) < 60


def test_a_reading_session_keeps_nothing_and_a_failed_writing_one_neither(engine: Engine) -> None:
    with reading(engine) as session:
        create_project(session, "p", Kind.TAGS)
    with pytest.raises(ZeroDivisionError), writing(engine) as session:
        create_project(session, "q", Kind.TAGS).id / 0
    with reading(engine) as session, pytest.raises(UserError, match="none yet"):
        get_project(session, "p")


def test_foreign_keys_are_enforced(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match=r"(?i)foreign key"), writing(engine) as session:
        session.execute(text("INSERT INTO project_settings (project_id, key, value) VALUES (99, 'a', '1')"))


@pytest.mark.parametrize(
    "url",
    ["postgresql://127.0.0.1:1/x", "sqlite:///{home}/noise.db", "sqlite:///{home}", "sqlite:///{home}/noise.db/a/b.db"],
)
def test_a_database_that_cannot_be_used_is_one_line_without_the_password(home: Path, url: str) -> None:
    (home / "noise.db").write_text("this is no database " * 100)
    with pytest.raises(UserError, match="WORKBENCH_DATABASE_URL"):
        upgrade(make_engine(url.format(home=home)))


def test_a_password_is_never_shown() -> None:
    with pytest.raises(UserError) as caught:
        upgrade(make_engine("postgresql://joe:secret@127.0.0.1:1/x"))
    assert "secret" not in str(caught.value)
