"""A file is predicted by what the model answers, whatever the project asks for by now."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.projects import create_project
from db.settings import Settings
from db.types import Category, Kind, LabelSet
from training.bundle import Bundle, save_bundle
from training.linear import LinearModel
from training.ngrams import fit_ngrams
from training.recipes.text_head import TextHead
from training.snapshot import Task
from workbench.files.reading import open_table
from workbench.serving.batch import predict_file

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture
def bundle(home: Path) -> Path:
    """A category model in a folder, weighed by hand: "boots" are shoes."""
    texts = ["boots boots", "bag bag"] * 2
    features, rows = fit_ngrams(texts)
    weights = (rows[:1] - rows[1:2]).toarray().T.astype(np.float32) @ np.array([[1.0, -1.0]], dtype=np.float32)
    model = LinearModel(weights=weights, bias=np.zeros(2, dtype=np.float32))
    head = TextHead(labels=("shoes", "bags"), features=features, model=model, temperature=0.1)
    folder = home / "bundle"
    save_bundle(
        Bundle(
            project="goods",
            kind=Kind.CATEGORY,
            label_set=LabelSet(categories=(Category("shoes"), Category("bags"))),
            snapshot="",
            recipes={Task.CATEGORY: "tfidf"},
            heads={Task.CATEGORY: head},
        ),
        folder,
    )
    return folder


@pytest.mark.parametrize("kind", [Kind.CATEGORY, Kind.TAGS])
def test_the_columns_follow_the_model(sqlite: Engine, home: Path, bundle: Path, kind: Kind) -> None:
    with writing(sqlite) as session:
        create_project(session, "goods", kind)
    lines = [{"id": 1, "text": "boots"}, {"id": 2, "text": "bag", "note": None}]
    (home / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    settings = Settings(home=home)
    summary = predict_file(sqlite, settings, "goods", home / "in.jsonl", home / "out.csv", model=str(bundle))
    table = open_table(home / "out.csv")
    assert table.columns == ("id", "text", "note", "category", "confidence")
    assert [row.values["category"] for row in table.rows] == ["shoes", "bags"]
    assert (summary.rows, summary.model_version) == (2, str(bundle))
