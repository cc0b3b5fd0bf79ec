"""Putting a backup in place: elsewhere, over what is there, and not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from db.audit import list_changes
from db.engine import reading, writing
from db.errors import UserError
from db.settings import Settings
from db.workers import say_alive
from workbench.upkeep import restore as restoring
from workbench.upkeep.backup import back_up
from workbench.upkeep.restore import restore

from .conftest import PROJECT, Installation, Make, silent


def restored(new: Make, home: Path, source: Path) -> Installation:
    made = new(home)
    restore(made.settings, source, force=False, report=silent)
    return made


def records_of(shop: Installation) -> int:
    engine = shop.engine()
    with reading(engine) as session:
        count = session.scalar(text("SELECT count(*) FROM records")) or 0
    engine.dispose()
    return count


def everything_in(shop: Installation) -> dict[str, bytes]:
    return {
        path.relative_to(shop.home).as_posix(): path.read_bytes()
        for path in sorted(shop.home.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_the_command_puts_a_backup_into_a_new_home(new: Make, pristine: Path, tmp_path: Path) -> None:
    there = new(tmp_path / "д м")
    said = json.loads(there.run("workbench.cli", "restore", str(pristine), "--json").stdout)
    assert (said["counts"]["records"], said["champions"], said["warnings"]) == (80, {PROJECT: "1"}, [])
    assert said["aside"] is None
    assert sorted(path.name for path in there.home.iterdir()) == ["data", "mlruns"]
    doctor = there.run("workbench.cli", "doctor")
    assert f"ok      champions: {PROJECT}: version 1 answers" in doctor.stdout


def test_no_address_of_the_old_home_is_left_anywhere(new: Make, pristine: Path, tmp_path: Path) -> None:
    first = restored(new, tmp_path / "first", pristine)
    made = back_up(first.settings, tmp_path / "b", silent)
    second = restored(new, tmp_path / "second", made.path)
    assert cells_with(first.settings.mlflow, str(first.home))
    assert cells_with(second.settings.mlflow, str(first.home)) == []
    assert len(cells_with(second.settings.mlflow, str(second.home))) == len(
        cells_with(first.settings.mlflow, str(first.home))
    )


def cells_with(address: str, words: str) -> list[tuple[str, str, Any]]:
    """Every cell of every table in which `words` stand."""
    engine = create_engine(make_url(address))
    with engine.connect() as connection:
        found = [
            (table, column["name"], value)
            for table in inspect(connection).get_table_names()
            for column in inspect(connection).get_columns(table)
            for value in connection.execute(text(f'SELECT "{column["name"]}" FROM "{table}"')).scalars()
            if words in str(value)
        ]
    engine.dispose()
    return found


def test_a_restore_is_noted_in_the_audit_log(shop: Installation, pristine: Path) -> None:
    engine = shop.engine()
    with reading(engine) as session:
        change = list_changes(session)[0]
    engine.dispose()
    assert (change.action, change.subject) == ("backup.restore", pristine.name)
    assert change.new["home"] == str(shop.home)


def test_where_there_is_something_nothing_is_replaced_unless_forced(shop: Installation, pristine: Path) -> None:
    before = everything_in(shop)
    failed = shop.run("workbench.cli", "restore", str(pristine), expect=1)
    assert failed.stderr == (
        f"error: {shop.home} holds a database of 80 records: restore into a new WORKBENCH_HOME, or add --force to move "
        "it aside\n"
    )
    assert everything_in(shop) == before


def test_with_force_what_was_there_is_moved_aside_whole(shop: Installation, pristine: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("id,text\na,one more\n", encoding="utf-8")
    shop.run("workbench.cli", "import", str(rows), "--project", PROJECT, "--id-column", "id")
    assert records_of(shop) == 81
    done = restore(shop.settings, pristine, force=True, report=silent)
    assert done.aside is not None
    assert done.warnings == ()
    assert records_of(shop) == 80
    assert (shop.home / done.aside / "mlruns" / "artifacts").is_dir()
    if shop.settings.database_url:
        engine = shop.engine()
        with reading(engine) as session:
            old = session.scalar(text(f'SELECT count(*) FROM "{done.aside}-public".records'))
        engine.dispose()
        assert old == 81
    else:
        (shop.home / done.aside / "mlruns").rename(shop.home / "old-mlruns")
        old_home = Installation(Settings(home=shop.home / done.aside))
        assert records_of(old_home) == 81


def test_a_home_that_was_only_opened_counts_as_new(new: Make, pristine: Path, tmp_path: Path) -> None:
    there = new(tmp_path / "home")
    there.run("workbench.cli", "projects")
    assert restore(there.settings, pristine, force=False, report=silent).aside is None
    assert records_of(there) == 80
    assert sorted(path.name for path in there.home.iterdir()) == ["data", "mlruns"]
    if there.settings.database_url:
        engine = there.engine()
        with engine.connect() as connection:
            assert not [name for name in inspect(connection).get_schema_names() if name.startswith("before-restore")]
        engine.dispose()


@pytest.mark.parametrize("fails", ["_bring_up_to_date", "move_addresses"])
def test_a_restore_that_fails_leaves_everything_as_it_was(
    shop: Installation, pristine: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    before, records = everything_in(shop), records_of(shop)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, fails, fail)
    with pytest.raises(UserError, match="No space left on device"):
        restore(shop.settings, pristine, force=True, report=silent)
    assert everything_in(shop) == before
    assert records_of(shop) == records


def test_a_home_whose_name_is_too_long_for_mlflow_is_refused(
    databases: Callable[[], str], shop: Installation, pristine: Path, tmp_path: Path
) -> None:
    if not shop.settings.database_url:
        pytest.skip("SQLite knows no lengths")
    long = Settings(home=tmp_path / ("long" * 40), database_url=databases(), mlflow_uri=databases())
    with pytest.raises(UserError, match="choose a shorter WORKBENCH_HOME"):
        restore(long, pristine, force=False, report=silent)
    assert list(long.home.iterdir()) == []
    assert cells_with(long.database, "anna") == []


def test_a_damaged_backup_touches_nothing(new: Make, pristine: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.tar.gz"
    content = bytearray(pristine.read_bytes())
    content[len(content) // 3] ^= 255
    damaged.write_bytes(content)
    there = new(tmp_path / "home")
    failed = there.run("workbench.cli", "restore", str(damaged), expect=1)
    assert failed.stderr.startswith(f"error: {damaged}: ")
    assert len(failed.stderr.splitlines()) == 1
    assert list(there.home.iterdir()) == []


@pytest.mark.parametrize("name", ["none.tar.gz", "text.tar.gz", "folder"])
def test_what_is_no_backup_is_named(home: Path, name: str) -> None:
    (home / "text.tar.gz").write_text("hello")
    (home / "folder").mkdir()
    with pytest.raises(UserError, match=name):
        restore(Settings(home=home / "new"), home / name, force=False, report=silent)


def test_a_backup_of_a_later_release_is_refused(shop: Installation, tmp_path: Path) -> None:
    made = back_up(shop.settings, tmp_path / "b", silent)
    raw = json.loads((made.path / "manifest.json").read_text())
    (made.path / "manifest.json").write_text(json.dumps(raw | {"revision": "9999"}))
    with pytest.raises(UserError, match="install that version or a later one"):
        restore(Settings(home=tmp_path / "new"), made.path, force=False, report=silent)


def test_a_backup_of_the_other_kind_of_database_is_refused(shop: Installation, pristine: Path, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "new", database_url="" if shop.settings.database_url else "postgresql://ann@db/x")
    with pytest.raises(UserError, match=r"WORKBENCH_DATABASE_URL|cannot use"):
        restore(other, pristine, force=False, report=silent)


def test_where_a_workbench_runs_nothing_is_restored(shop: Installation, pristine: Path) -> None:
    engine = shop.engine()
    with writing(engine) as session:
        say_alive(session, "here:1")
    engine.dispose()
    with pytest.raises(UserError, match="is running: stop it first"):
        restore(shop.settings, pristine, force=True, report=silent)


def test_files_that_the_manifest_does_not_know_are_not_put_in_place(pristine: Path, tmp_path: Path) -> None:
    from workbench.upkeep.archive import unpack

    unpack(pristine, tmp_path / "b")
    (tmp_path / "b" / "files" / "data" / "more").write_text("x")
    with pytest.raises(UserError, match="was not written by the backup"):
        restore(Settings(home=tmp_path / "new"), tmp_path / "b", force=False, report=silent)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_manifest_that_names_a_file_elsewhere_is_refused(pristine: Path, tmp_path: Path) -> None:
    from workbench.upkeep.archive import unpack

    unpack(pristine, tmp_path / "b")
    file = tmp_path / "b" / "manifest.json"
    raw = json.loads(file.read_text())
    raw["entries"][0]["path"] = "../../evil"
    file.write_text(json.dumps(raw))
    with pytest.raises(UserError, match="has no place in a backup"):
        restore(Settings(home=tmp_path / "new"), tmp_path / "b", force=False, report=silent)


def test_a_database_that_lies_outside_of_the_home_is_put_there_and_moved_aside_there(
    shop: Installation, pristine: Path, tmp_path: Path
) -> None:
    if shop.settings.database_url:
        pytest.skip("about a file")
    there = Installation(Settings(home=tmp_path / "home", database_url=f"sqlite:///{tmp_path / 'db' / 'own.db'}"))
    restore(there.settings, pristine, force=False, report=silent)
    assert records_of(there) == 80
    assert not (there.home / "data" / "workbench.db").exists()
    aside = restore(there.settings, pristine, force=True, report=silent).aside
    assert [path.name for path in (tmp_path / "db").iterdir() if "restore" in path.name] == [f"own.db-{aside}"]
