"""Snapshots: their content, and that their fingerprint is of the content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from db.types import Category, Kind, LabelSet
from training.freezing import frame
from training.snapshot import CORPUS, PROPOSALS, ROWS, Snapshot, Split, Task, load, save, sealed

ROW = (1, "r1", "Хорошее платье", "k1", None, None, "одежда", None, ("ann",), "train", 1.0)


def _snapshot(rows: list[tuple[object, ...]], **changes: object) -> Snapshot:
    snapshot = Snapshot(
        project="goods",
        kind=Kind.BOTH,
        label_set=LabelSet(categories=(Category("одежда"), Category("обувь")), version=2),
        rows=frame(ROWS, rows),
        corpus=frame(CORPUS, [("k8", "ещё текст"), ("k9", "и ещё")]),
    )
    return sealed(replace(snapshot, **changes))


def _rows(count: int) -> list[tuple[object, ...]]:
    splits = ("train", "validation", "calibration", "test")
    return [
        (i, f"r{i}", f"текст {i}", f"k{i}", None, None, "обувь", ("a", "b"), ("ann",), splits[i % 4], 1.0)
        for i in range(count)
    ]


@settings(deadline=None, max_examples=25)
@given(st.permutations(_rows(6)))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[object, ...]]) -> None:
    assert _snapshot(rows).fingerprint == _snapshot(_rows(6)).fingerprint


@pytest.mark.parametrize(
    ("place", "value"), [(2, "другой"), (5, "bags"), (6, "обувь"), (7, ("tag",)), (8, ("bob",)), (9, "test"), (10, 0.5)]
)
def test_every_field_that_a_model_sees_matters(place: int, value: object) -> None:
    changed = [*ROW]
    changed[place] = value
    assert _snapshot([tuple(changed)]).fingerprint != _snapshot([ROW]).fingerprint


def test_database_ids_do_not_matter() -> None:
    assert _snapshot([(99, *ROW[1:])]).fingerprint == _snapshot([ROW]).fingerprint


def test_unlabelled_texts_and_proposals_matter() -> None:
    plain = _snapshot([ROW])
    assert _snapshot([ROW], corpus=frame(CORPUS, [])).fingerprint != plain.fingerprint
    assert _snapshot([ROW], proposals=frame(PROPOSALS, [])).fingerprint != plain.fingerprint


def test_the_label_set_matters() -> None:
    assert _snapshot([ROW], label_set=LabelSet()).fingerprint != _snapshot([ROW]).fingerprint


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    proposals = frame(
        PROPOSALS, [("k8", "llm", "llm", "обувь", None, 0.9, "{}"), ("k9", "llm", "llm", None, (), None, "{}")]
    )
    snapshot = _snapshot([ROW, *_rows(5)], proposals=proposals)
    assert save(snapshot, tmp_path).name == f"{snapshot.fingerprint}.parquet"
    back = load(tmp_path, snapshot.fingerprint[:8])
    assert sealed(back).fingerprint == snapshot.fingerprint
    assert back.label_set == snapshot.label_set
    assert back.counts == snapshot.counts
    pd.testing.assert_frame_equal(back.rows, snapshot.rows)


def test_saving_twice_writes_once(tmp_path: Path) -> None:
    snapshot = _snapshot([ROW])
    path = save(snapshot, tmp_path)
    written = path.stat().st_mtime_ns
    assert save(snapshot, tmp_path).stat().st_mtime_ns == written


def test_an_unknown_fingerprint_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    snapshot = _snapshot([ROW])
    save(snapshot, tmp_path)
    with pytest.raises(UserError, match=snapshot.fingerprint):
        load(tmp_path, "nothing")


def test_blind_rows_never_train() -> None:
    snapshot = _snapshot(_rows(8))
    assert set(snapshot.training(Task.TAGS)["split"]) == {Split.TRAIN.value, Split.VALIDATION.value}
    assert len(snapshot.labelled(Task.TAGS)) == 8


def test_a_row_without_an_answer_to_the_task_is_not_a_row_of_it() -> None:
    snapshot = _snapshot([ROW, *_rows(1)])
    assert len(snapshot.training(Task.TAGS)) == 1
    assert len(snapshot.training(Task.CATEGORY)) == 2


def test_a_row_with_no_tags_at_all_is_an_answer() -> None:
    row = [*ROW]
    row[7] = ()
    assert len(_snapshot([tuple(row)]).training(Task.TAGS)) == 1


def test_missing_values_are_missing_after_reading_too(tmp_path: Path) -> None:
    snapshot = _snapshot([ROW])
    save(snapshot, tmp_path)
    back = load(tmp_path, snapshot.fingerprint).rows.iloc[0]
    assert back["tags"] is None
    assert back["group"] is np.nan or pd.isna(back["group"])
