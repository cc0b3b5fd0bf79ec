"""How fast `tfidf` learns and answers.

    python benchmarks/train_and_answer.py FILE [--text text] [--label label] [--rows N]

Fits on the rows of a CSV file as a retraining does, without database and MLflow, and prints seconds and rows a second.
A tenth of the rows is kept for accuracy and as calibration rows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from db.text_keys import text_key
from db.types import Category, Kind, LabelSet
from training.bundle import Bundle, load_bundle, save_bundle
from training.freezing import frame
from training.recipes.base import Setup, get_recipe
from training.snapshot import CORPUS, ROWS, Snapshot, Task, sealed

SINGLES = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--rows", type=int)
    asked = parser.parse_args()
    table = pd.read_csv(asked.file).dropna(subset=[asked.text, asked.label])
    table = table.sample(min(asked.rows or len(table), len(table)), random_state=0)
    snapshot = _snapshot(table[asked.text].tolist(), table[asked.label].astype(str).tolist())
    print(json.dumps(_measure(snapshot), indent=1))


def _snapshot(texts: list[str], labels: list[str]) -> Snapshot:
    rows = [
        (i, str(i), text, text_key(text), None, None, label, None, ("file",), "train" if i % 10 else "calibration", 1.0)
        for i, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    names = tuple(Category(name) for name in sorted(set(labels)))
    return sealed(
        Snapshot(
            project="benchmark",
            kind=Kind.CATEGORY,
            label_set=LabelSet(categories=names),
            rows=frame(ROWS, rows),
            corpus=frame(CORPUS, []),
        )
    )


def _measure(snapshot: Snapshot) -> dict[str, float]:
    recipe = get_recipe("tfidf")
    setup = Setup(params=recipe.defaults, seed=0, embedder="auto", progress=lambda *_: None)
    fitted, fit_s = _timed(lambda: recipe.fit(snapshot, setup))
    bundle = Bundle(
        project=snapshot.project,
        kind=snapshot.kind,
        label_set=snapshot.label_set,
        snapshot=snapshot.fingerprint,
        recipes={Task.CATEGORY: fitted.recipe},
        heads={Task.CATEGORY: fitted.head},
    )
    with TemporaryDirectory() as folder:
        save_bundle(bundle, Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        loaded, load_s = _timed(lambda: load_bundle(Path(folder)))
    texts = snapshot.rows["text"].tolist()
    loaded.answer(texts[:10])
    answered, answer_s = _timed(lambda: loaded.answer(texts))
    kept = (snapshot.rows["split"] == "calibration").to_numpy()
    right = np.array(answered.categories) == snapshot.rows["category"].to_numpy()
    singles = [_timed(lambda text=text: loaded.answer([text]))[1] * 1000 for text in texts[:SINGLES]]
    return {
        "rows": len(texts),
        "fit_s": round(fit_s, 1),
        "accuracy_on_kept_tenth": round(float(right[kept].mean()), 4),
        "bundle_mb": round(size / 1e6, 1),
        "load_s": round(load_s, 2),
        "answers_per_s": round(len(texts) / answer_s),
        "single_ms_p50": round(float(np.percentile(singles, 50)), 2),
        "single_ms_p95": round(float(np.percentile(singles, 95)), 2),
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = perf_counter()
    return work(), perf_counter() - started


if __name__ == "__main__":
    main()
