"""A backup taken while people answer, files come in and models change places, restored elsewhere."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.engine import reading
from db.tables import AnnotationRow, RecordRow
from workbench.upkeep.backup import Backup, back_up
from workbench.upkeep.restore import restore

from .conftest import PROJECT, WORDS, Installation, Make, silent

LOAD = Path(__file__).parent / "load.py"


@contextmanager
def everybody_at_work(shop: Installation, tmp_path: Path) -> Iterator[None]:
    """Three processes that do not rest, each known to have begun."""
    processes = []
    for what in ("annotate", "import", "promote"):
        folder = tmp_path / what
        folder.mkdir()
        command = [sys.executable, str(LOAD), what, str(folder)]
        processes.append(subprocess.Popen(command, env=shop.environment, stdout=subprocess.PIPE, text=True))
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline().endswith(" 0\n")
    yield
    ended = [process.poll() for process in processes]
    for process in processes:
        process.kill()
        process.communicate()
    assert ended == [None, None, None], "somebody failed while working; what it said is above"


@pytest.fixture
def backups(shop: Installation, tmp_path: Path) -> list[Backup]:
    """Taken one after another, packed and as a folder, while everybody works."""
    taken = []
    with everybody_at_work(shop, tmp_path):
        for name in ("one.tar.gz", "two", "three.tar.gz", "four"):
            taken.append(back_up(shop.settings, tmp_path / name, silent))
            wait_for_more_than(taken[-1].manifest.counts["annotations"], shop)
    return taken


def wait_for_more_than(count: int, shop: Installation) -> None:
    engine, deadline = shop.engine(), time.monotonic() + 60
    while True:
        with reading(engine) as session:
            if (session.scalar(select(func.count(AnnotationRow.id))) or 0) > count:
                break
        assert time.monotonic() < deadline
    engine.dispose()


def test_each_of_them_holds_what_was_so_at_one_moment(
    shop: Installation, backups: list[Backup], new: Make, tmp_path: Path
) -> None:
    counted = [backup.manifest.counts["annotations"] for backup in backups]
    assert counted == sorted(set(counted))
    before = {version: answers_of(shop, tmp_path, "--model", version)[1] for version in ("1", "2")}
    gold = [gold_at(shop, count) for count in counted]
    shutil.rmtree(shop.home)
    for number, backup in enumerate(backups):
        there = new(tmp_path / f"restored-{number}")
        restored = restore(there.settings, backup.path, force=False, report=silent)
        assert restored.warnings == ()
        assert gold_of(there, tmp_path) == gold[number]
        version, answers = answers_of(there, tmp_path)
        assert {PROJECT: version} == dict(backup.manifest.champions)
        assert answers == before[version]


def gold_at(shop: Installation, count: int) -> dict[str, str]:
    """The label of every record after the first `count` annotations: the latest stands, where one person is asked."""
    query = (
        select(RecordRow.external_id, AnnotationRow.category)
        .join(RecordRow, RecordRow.id == AnnotationRow.record_id)
        .order_by(AnnotationRow.id)
        .limit(count)
    )
    engine = shop.engine()
    with reading(engine) as session:
        labels = {external_id: str(category) for external_id, category in session.execute(query)}
    engine.dispose()
    return labels


def gold_of(shop: Installation, folder: Path) -> dict[str, str]:
    """The same as everybody gets it."""
    out = folder / "gold.csv"
    shop.run("workbench.cli", "export", "--project", PROJECT, "--what", "gold", str(out))
    with out.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["category"] for row in csv.DictReader(stream)}


def answers_of(shop: Installation, folder: Path, *model: str) -> tuple[str, list[dict[str, str]]]:
    """Which version answers, the champion unless another is asked for, and what: confidences to the last digit."""
    source, out = folder / "asked.csv", folder / "answered.csv"
    texts = [f"a {word} and a {other}" for word in WORDS["shoes"] for other in WORDS["bags"]]
    source.write_text("text\n" + "\n".join(texts) + "\n", encoding="utf-8")
    done = shop.run("workbench.cli", "predict", str(source), str(out), "--project", PROJECT, *model, "--json")
    with out.open(encoding="utf-8", newline="") as stream:
        return str(json.loads(done.stdout)["model_version"]), list(csv.DictReader(stream))
