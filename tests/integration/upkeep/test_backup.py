"""What a backup holds, and when there is none."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from db import migrate
from db.engine import make_engine
from db.errors import UserError
from db.migrate import newest_revision, upgrade
from db.settings import Settings
from workbench.upkeep.archive import verify
from workbench.upkeep.backup import back_up
from workbench.upkeep.restore import restore

from .conftest import PROJECT, Installation, silent


def test_the_command_says_what_it_saved_and_only_its_owner_may_read_it(shop: Installation, tmp_path: Path) -> None:
    done = shop.run("workbench.cli", "backup", str(tmp_path / "b.tar.gz"), "--json")
    said = json.loads(done.stdout)
    assert said["counts"] == {
        "projects": 1, "records": 80, "proposals": 0, "annotations": 80, "promotions": 1, "users": 0
    }  # fmt: skip
    assert (said["champions"], said["warnings"]) == ({PROJECT: "1"}, [])
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600
    assert [json.loads(line)["progress"] for line in done.stderr.splitlines()]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "shop"]


def test_it_holds_databases_models_snapshots_and_logs_of_jobs_but_nothing_that_is_made_again(
    shop: Installation, tmp_path: Path
) -> None:
    kept = {"data/jobs/retrain-1.log", "data/uploads/a.csv", "data/search/index"}
    left = {"data/embeddings/v.bin", "data/logs/ui.log", "data/up.json", "data/jobs/1.pid", "mlruns/x.partial"}
    for name in kept | left:
        file = shop.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    (shop.home / "data" / "link").symlink_to("/etc/passwd")
    manifest = back_up(shop.settings, tmp_path / "b", silent).manifest
    names = {entry.path.removeprefix("files/") for entry in manifest.entries}
    assert kept <= names
    assert not left & names
    assert not [name for name in names if "passwd" in name or "link" in name]
    assert {name.partition("/")[0] for name in names} == {"data", "databases", "mlruns"}
    assert [name for name in names if name.startswith("data/snapshots/")]
    assert manifest.revision == newest_revision()
    assert verify(tmp_path / "b") == manifest


def test_a_model_whose_files_are_gone_is_named_and_the_rest_is_saved(shop: Installation, tmp_path: Path) -> None:
    for bundle in (shop.home / "mlruns").rglob("artifacts/bundle/manifest.json"):
        bundle.rename(bundle.with_name("lost"))
    done = shop.run("workbench.cli", "backup", str(tmp_path / "b.tar.gz"), "--json")
    first, second = json.loads(done.stdout)["warnings"]
    assert first.startswith(f"model {PROJECT!r} version 1 (champion): its bundle is gone from {shop.home}")
    assert second.startswith(f"model {PROJECT!r} version 2: its bundle is gone")
    assert f"not included: {first}" in done.stderr


def test_models_on_a_server_are_said_not_to_be_in_it(shop: Installation, tmp_path: Path) -> None:
    served = shop.settings.model_copy(update={"mlflow_uri": "http://user:secret@mlflow.example:5000"})
    (warning,) = back_up(served, tmp_path / "b", silent).warnings
    assert "mlflow.example" in warning
    assert "secret" not in warning


@pytest.fixture
def empty(home: Path) -> Settings:
    """A migrated SQLite database without a row."""
    engine = make_engine(f"sqlite:///{home / 'data' / 'workbench.db'}")
    upgrade(engine)
    engine.dispose()
    return Settings(home=home)


def test_where_there_is_no_database_there_is_nothing_to_back_up(home: Path) -> None:
    with pytest.raises(UserError, match="nothing to back up: there is no database"):
        back_up(Settings(home=home), home / "b", silent)
    assert list(home.iterdir()) == []


def test_a_database_without_tables_is_nothing_to_back_up(home: Path) -> None:
    (home / "data").mkdir()
    sqlite3.connect(home / "data" / "workbench.db").execute("CREATE TABLE promotions (id)").connection.close()
    with pytest.raises(UserError, match="no tables yet"):
        back_up(Settings(home=home), home / "b", silent)


def test_a_backup_takes_no_place_that_is_taken(empty: Settings) -> None:
    out = empty.home / "b.tar.gz"
    out.write_bytes(b"somebody's")
    with pytest.raises(UserError, match="it exists"):
        back_up(empty, out, silent)
    assert out.read_bytes() == b"somebody's"


@pytest.mark.parametrize("out", ["no/b.tar.gz", "data/b", "mlruns/../data/b.tar.gz", "b.tar", "b.ZIP", "b.gz"])
def test_a_place_that_cannot_be_is_refused(empty: Settings, out: str) -> None:
    (empty.home / "mlruns").mkdir()
    with pytest.raises(UserError):
        back_up(empty, empty.home / out, silent)
    assert not list(empty.home.rglob("*partial"))


def test_what_a_killed_backup_left_is_replaced(empty: Settings) -> None:
    (empty.home / "b.tar.gz.partial").write_bytes(b"half")
    back_up(empty, empty.home / "b.tar.gz", silent)
    assert sorted(path.name for path in empty.home.iterdir()) == ["b.tar.gz", "data"]


def test_a_damaged_database_is_not_passed_on_as_a_backup(empty: Settings) -> None:
    file = empty.home / "data" / "workbench.db"
    content = bytearray(file.read_bytes())
    # Pages after the first hold the tables.
    content[8192:16384] = os.urandom(8192)
    file.write_bytes(content)
    with pytest.raises(UserError):
        back_up(empty, empty.home / "b.tar.gz", silent)
    assert not (empty.home / "b.tar.gz").exists()


def test_a_database_of_an_earlier_release_is_saved_as_it_is_and_migrated_when_it_is_restored(tmp_path: Path) -> None:
    old, new = Settings(home=tmp_path / "old"), Settings(home=tmp_path / "new")
    engine = make_engine(old.database)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO projects VALUES (1, 'shop', 'category', '2026-01-01')")
    engine.dispose()
    manifest = back_up(old, tmp_path / "b", silent).manifest
    assert (manifest.revision, manifest.counts["projects"], manifest.counts["users"]) == ("0001", 1, 0)
    restore(new, tmp_path / "b", force=False, report=silent)
    assert back_up(new, tmp_path / "again", silent).manifest.revision == newest_revision()


def test_without_pg_dump_the_error_says_what_to_install(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.engine import make_url

    from workbench.upkeep.postgres import dump

    monkeypatch.setenv("PATH", str(empty.home))
    with pytest.raises(UserError, match="apt-get install postgresql-client"):
        dump(make_url("postgresql://ann@db/shop"), empty.home / "d", schemas=["public"])
