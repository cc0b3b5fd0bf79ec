"""Exports that wait to be fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.errors import NotFoundError, UserError
from db.projects import create_project
from db.records import add_record
from db.types import Annotation, Answer, Kind, Status
from workbench.exchange.downloads import Downloads
from workbench.exchange.exporting import Format, What


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    return Downloads(tmp_path / "exports", snapshots=tmp_path / "snapshots")


def seed(engine: Engine, *, answers: int) -> None:
    with writing(engine) as session:
        project = create_project(session, "Отзывы 2026", Kind.CATEGORY)
        records = [add_record(session, project, external_id=f"r{i}", text=f"=текст {i}") for i in range(answers)]
        given = [
            Annotation(record_id=r.id, person="анна", status=Status.GIVEN, answer=Answer("обувь")) for r in records
        ]
        save_annotations(session, project, given)


@pytest.mark.parametrize(
    ("format", "name"),
    [
        (Format.CSV, "Отзывы 2026-gold.csv"),
        (Format.JSONL, "Отзывы 2026-gold.jsonl"),
        (Format.PARQUET, "Отзывы 2026-gold.parquet"),
        (Format.LABEL_STUDIO, "Отзывы 2026-gold-label-studio.json"),
        (Format.ARGILLA, "Отзывы 2026-gold-argilla.json"),
        (Format.DOCCANO, "Отзывы 2026-gold-doccano.jsonl"),
    ],
)
def test_every_format_is_written_whole_under_a_name_that_says_what_it_is(
    sqlite: Engine, downloads: Downloads, format: Format, name: str
) -> None:
    seed(sqlite, answers=30)
    made = downloads.make(sqlite, "Отзывы 2026", what=What.GOLD, format=format)
    assert (made.rows, made.file.name) == (30, name)
    assert made.size == downloads.kept.get(made.file.id).path.stat().st_size > 300
    downloads.kept.forget(made.file.id)
    assert list(downloads.kept.folder.iterdir()) == []
    with pytest.raises(NotFoundError):
        downloads.kept.get(made.file.id)


def test_cells_that_a_spreadsheet_would_run_are_text(sqlite: Engine, downloads: Downloads) -> None:
    seed(sqlite, answers=1)
    made = downloads.make(sqlite, "Отзывы 2026", what=What.GOLD, format=Format.CSV)
    assert made.file.path.read_text(encoding="utf-8").splitlines()[1].startswith("r0,'=текст 0,обувь")


@pytest.mark.parametrize(
    ("project", "what", "said"),
    [
        ("Отзывы 2026", What.GOLD, "has no gold yet; there is nothing to export"),
        ("Отзывы 2026", What.SNAPSHOT, "has no snapshot yet"),
        ("нет", What.GOLD, "no project 'нет'"),
        ("../x", What.GOLD, "project name '../x'"),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(
    engine: Engine, downloads: Downloads, project: str, what: What, said: str
) -> None:
    seed(engine, answers=0)
    with pytest.raises(UserError, match=said):
        downloads.make(engine, project, what=what, format=Format.CSV)
    assert list(downloads.kept.folder.iterdir()) == []
