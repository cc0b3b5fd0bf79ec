"""An import is there as a whole or not at all, whatever stops it."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from db.engine import reading, writing
from db.errors import UserError
from db.imports import SILENCE, add_records, show_alive, start_import
from db.projects import create_project, find_project, get_project
from db.proposals import iterate_proposals
from db.records import add_record, count_records, find_by_external_ids, identity, iterate_records
from db.tables import AnnotationRow, ImportRow, ProposalRow, RecordRow, utcnow
from db.types import Kind, Project
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest, ImportSummary, ProposalColumn


def load(engine: Engine, home: Path, *rows: str) -> ImportSummary:
    (home / "f.csv").write_text("id,text,label\n" + "".join(row + "\n" for row in rows))
    request = ImportRequest(
        path=home / "f.csv",
        project="p",
        kind=Kind.CATEGORY,
        id_column="id",
        labels_column="label",
        by="me",
        proposal_columns=(ProposalColumn(column="label", source="m"),),
    )
    return import_file(engine, request, home=home)


def stored(engine: Engine) -> tuple[int, ...]:
    """Rows of every table that an import fills, visible or not."""
    with reading(engine) as session:
        tables = (ImportRow, RecordRow, ProposalRow, AnnotationRow)
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def unfinished(engine: Engine, process: str, **columns: Any) -> Project:
    """What an import leaves that never came to its end."""
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        import_id = start_import(session, project, file="killed.csv")
        columns_of = {"project_id": project.id, "original_text": None, "group": None, "category": None}
        row = columns_of | {"attributes": None, "import_id": import_id, "external_id": "1", "text": "never seen"}
        add_records(session, [row | identity("never seen", None)])
        session.execute(update(ImportRow).values(process=process, **columns))
        return project


def dead_process() -> str:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return f"{socket.gethostname()} process {child.pid}"


FAULTS = [
    ("workbench.exchange.import_run.ImportRun._save_answers", "the rows are in"),
    ("workbench.exchange.import_run.complete_import", "all but the last step is done"),
    ("workbench.exchange.import_run.save_proposals", "the first chunk is half saved"),
]


@pytest.mark.parametrize(("place", "when"), FAULTS)
def test_an_error_leaves_nothing_and_the_next_import_works(
    engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError(when)

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        with pytest.raises(ZeroDivisionError):
            load(engine, home, "1,a,X")
    assert stored(engine) == (0, 0, 0, 0)
    with reading(engine) as session:
        assert find_project(session, "p") is None
    assert load(engine, home, "1,a,X").new_records == 1


def test_a_failed_import_leaves_earlier_proposals_as_they_were(
    engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(engine, home, "1,a,X", "9,z,Y")
    monkeypatch.setattr("workbench.exchange.import_run.CHUNK", 1)
    with monkeypatch.context() as patch:
        patch.setattr("workbench.exchange.import_run.complete_import", lambda *_: 1 / 0)
        # The second row gives record 1 another proposal and label than it has.
        with pytest.raises(ZeroDivisionError):
            load(engine, home, "1,a,X", "1,a,Y", "2,b,X")
    with reading(engine) as session:
        project = get_project(session, "p")
        assert [p.answer.category for p in iterate_proposals(session, project)] == ["X", "Y"]
        assert count_records(session, project) == 2


def test_stopping_by_hand_leaves_nothing_either(engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.exchange.import_run.complete_import", stop)
    with pytest.raises(KeyboardInterrupt):
        load(engine, home, "1,a,X")
    assert stored(engine) == (0, 0, 0, 0)


def test_nothing_is_visible_before_the_end(engine: Engine, home: Path) -> None:
    project = unfinished(engine, dead_process())
    with reading(engine) as session:
        assert count_records(session, project) == 0
        assert list(iterate_records(session, project)) == []
        assert find_by_external_ids(session, project, ["1"]) == {}


def test_what_a_killed_import_left_is_cleared_by_the_next(engine: Engine, home: Path) -> None:
    unfinished(engine, dead_process())
    assert load(engine, home, "1,a,X").new_records == 1
    assert stored(engine) == (1, 1, 1, 1)


def test_a_process_number_given_to_another_program_does_not_block(engine: Engine, home: Path) -> None:
    unfinished(engine, f"{socket.gethostname()} process 1 of tick 999999999")
    assert load(engine, home, "1,a,X").new_records == 1


def test_an_import_of_another_machine_blocks_while_it_shows_itself(engine: Engine, home: Path) -> None:
    unfinished(engine, "elsewhere process 1")
    with pytest.raises(UserError, match=r"killed\.csv is being imported \(elsewhere process 1\); wait until it ends"):
        load(engine, home, "1,a,X")
    with writing(engine) as session:
        session.execute(update(ImportRow).values(seen_at=utcnow() - SILENCE - timedelta(seconds=1)))
    assert load(engine, home, "1,a,X").new_records == 1


def test_two_imports_of_one_process_do_not_mix(engine: Engine, home: Path) -> None:
    with writing(engine) as session:
        start_import(session, create_project(session, "p", Kind.CATEGORY), file="first.csv")
    with pytest.raises(UserError, match=r"first\.csv is being imported"):
        load(engine, home, "1,a,X")


def test_an_import_that_was_taken_for_dead_says_so(engine: Engine) -> None:
    with writing(engine) as session, pytest.raises(UserError, match="took it back; run it again"):
        show_alive(session, 99)


def test_imports_into_other_projects_do_not_wait(engine: Engine, home: Path) -> None:
    with writing(engine) as session:
        start_import(session, create_project(session, "other", Kind.CATEGORY), file="f")
    assert load(engine, home, "1,a,X").new_records == 1


def test_a_record_that_came_by_no_import_is_known(engine: Engine, home: Path) -> None:
    with writing(engine) as session:
        add_record(session, create_project(session, "p", Kind.CATEGORY), external_id="1", text="a")
    summary = load(engine, home, "1,a,X")
    assert (summary.known_records, summary.new_records, summary.annotations) == (1, 0, 1)
