"""`tfidf`: words and character n-grams → a linear support vector machine → calibrated probabilities.

The strongest simple text classifier there is for short texts, and quick enough for a hundred thousand labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from training.calibration import fit_temperature
from training.evaluation import Ints
from training.linear import LinearModel, balance_of_classes, fit_one_against_rest
from training.ngrams import MOST_GRAMS, NgramFeatures, fit_ngrams
from training.recipes.base import Fitted, HeldOut, Setup, Value
from training.recipes.fitting import (
    ENOUGH_TO_CALIBRATE,
    CategoryRows,
    Scorer,
    calibration_rows,
    category_rows,
    cross_validated_temperature,
    out_of_fold,
)
from training.recipes.students import Students, fit_students
from training.recipes.text_head import TextHead, load_text_head
from training.snapshot import Snapshot, Task
from training.spelling import Csr


@dataclass(frozen=True, kw_only=True)
class _Design:
    """What the last layer sees: the training rows as (n, d), and how its weights (d, k) become weights of features.

    `projection` (f, d₁) is None where the features themselves are used; the students' signals are the last columns.
    """

    features: NgramFeatures
    rows: Csr | NDArray[np.float32]
    projection: NDArray[np.float32] | None
    students: Students | None

    def head(self, model: LinearModel, labels: tuple[str, ...]) -> TextHead:
        signals = 0 if self.students is None else len(self.students.center)
        direct, stack = np.split(model.weights, [len(model.weights) - signals])
        if self.projection is not None:
            direct = self.projection @ direct
        return TextHead(
            labels=labels,
            features=self.features,
            model=LinearModel(weights=np.ascontiguousarray(direct), bias=model.bias),
            temperature=1.0,
            students=self.students,
            stack=stack if signals else None,
        )


class Tfidf:
    """`strength` is the machine's C. `dimensions` > 0 lets it work in the leading dimensions of all texts, unlabelled
    ones included, which helps where labels are few. Words are stemmed below `stem_below` training rows.
    `cross_validate` asks for held-out predictions even where calibration rows make them needless.
    """

    name: ClassVar[str] = "tfidf"
    task: ClassVar[Task] = Task.CATEGORY
    # C = 0.3 was best of 0.1, 0.3 and 1 on titles (10 000 labels: 0.964) and no worse than 0.1 on reviews.
    defaults: ClassVar[Mapping[str, Value]] = {
        "strength": 0.3,
        "dimensions": 0,
        "stem_below": 20_000,
        "cross_validate": False,
    }

    def fit(self, snapshot: Snapshot, setup: Setup) -> Fitted:
        rows = category_rows(snapshot)
        setup.progress("features", 0, 1)
        design = _design(snapshot, rows, setup)
        setup.progress("features", 1, 1)
        head = design.head(_fit_last(design, rows, np.arange(len(rows.ids)), setup), rows.labels)
        setup.progress("fit", 1, 1)
        texts, truth = calibration_rows(snapshot, rows.labels)
        held_out: HeldOut | None = None
        if setup.params["cross_validate"] or len(truth) < ENOUGH_TO_CALIBRATE:
            temperature, held_out = _cross_validate(design, rows, setup)
        else:
            temperature = fit_temperature(head.scores(texts), truth)
        head = replace(head, temperature=temperature)
        return Fitted(recipe=self.name, head=head, held_out=held_out, params=setup.params)

    def load(self, folder: Path) -> TextHead:
        return load_text_head(folder)


def _design(snapshot: Snapshot, rows: CategoryRows, setup: Setup) -> _Design:
    """Features are fitted on the unlabelled texts too; the training rows come first."""
    from scipy.sparse import csr_matrix, hstack

    count, dimensions = len(rows.ids), int(setup.params["dimensions"])
    features, everything = fit_ngrams(
        rows.texts + snapshot.corpus["text"].tolist(),
        stem=count < int(setup.params["stem_below"]),
        # Reduced, words alone do as well as words and n-grams, and the decomposition takes seconds, not minutes.
        most_grams=0 if dimensions else MOST_GRAMS,
    )
    students = _students(snapshot, everything, setup)
    signals = None if students is None else students.signals(everything[:count]).astype(np.float32)
    if dimensions:
        projection = _project(everything, dimensions, setup.seed)
        reduced = everything[:count] @ projection
        design = reduced if signals is None else np.hstack([reduced, signals])
        return _Design(features=features, rows=design, projection=projection, students=students)
    sparse = everything[:count]
    if signals is not None:
        sparse = hstack([sparse, csr_matrix(signals)], format="csr")
    return _Design(features=features, rows=sparse, projection=None, students=students)


def _students(snapshot: Snapshot, everything: Csr, setup: Setup) -> Students | None:
    if snapshot.proposals is None:
        return None
    keys = [*snapshot.training(Task.CATEGORY)["text_key"], *snapshot.corpus["text_key"]]
    places = {key: place for place, key in enumerate(keys)}
    return fit_students(snapshot.proposals, places, everything, seed=setup.seed)


def _project(features: Csr, dimensions: int, seed: int) -> NDArray[np.float32]:
    """(f, d): the leading right singular vectors (Halko, Martinsson and Tropp 2011).

    Coordinates keep their lengths: with rows of length 1 accuracy was no better, and so the last layer stays linear in
    the features and costs nothing at prediction.
    """
    from sklearn.utils.extmath import randomized_svd

    rank = min(dimensions, *features.shape)
    if rank == 0:
        return np.zeros((features.shape[1], 0), dtype=np.float32)
    _, _, components = randomized_svd(features, rank, n_iter=4, random_state=seed)
    return np.ascontiguousarray(components.T, dtype=np.float32)


def _fit_last(design: _Design, rows: CategoryRows, chosen: Ints, setup: Setup) -> LinearModel:
    truth = rows.one_hot[chosen]
    strength = float(setup.params["strength"])
    return fit_one_against_rest(
        design.rows[chosen], truth, strength=strength, boost=balance_of_classes(truth), seed=setup.seed
    )


def _cross_validate(design: _Design, rows: CategoryRows, setup: Setup) -> tuple[float, HeldOut]:
    def fit_on(chosen: Ints) -> Scorer:
        model = _fit_last(design, rows, chosen, setup)
        return lambda places: model.scores(design.rows[places])

    scores = out_of_fold(rows.truth, len(rows.labels), fit_on, seed=setup.seed, progress=setup.progress)
    return cross_validated_temperature(scores, rows)
