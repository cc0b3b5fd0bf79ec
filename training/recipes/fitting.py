"""What recipes with a quick last layer share: folds, a temperature, held-out predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from training.calibration import fit_temperature, softmax
from training.evaluation import Ints
from training.recipes.base import HeldOut, Progress
from training.snapshot import Snapshot, Split, Task

FOLDS = 5
# With so many blind calibration rows the temperature needs no cross-validation (and they are the better judge).
ENOUGH_TO_CALIBRATE = 200
CROSS_VALIDATED = "cross_validated"

# Places of training rows → a scorer of places of any rows: (n, k).
Scorer = Callable[[Ints], NDArray[np.float64]]
FitOn = Callable[[Ints], Scorer]


@dataclass(frozen=True, kw_only=True)
class CategoryRows:
    """The training rows of a category recipe: `truth` (n,) are places in `labels`, in the label set's order."""

    ids: tuple[str, ...]
    texts: list[str]
    labels: tuple[str, ...]
    truth: NDArray[np.int64]

    @property
    def one_hot(self) -> NDArray[np.bool_]:
        return np.asarray(self.truth[:, None] == np.arange(len(self.labels)))


def require_labels(snapshot: Snapshot, task: Task) -> None:
    """Raises UserError if the training rows cannot teach `task`: no labels, or fewer than two categories."""
    rows = snapshot.training(task)
    held = len(snapshot.labelled(task)) - len(rows)
    aside = f" ({held} more are in the blind stream, which never trains)" if held else ""
    if not len(rows):
        raise UserError(
            f"project {snapshot.project!r} has no {task.value} labels to train on{aside}: label some or import them"
        )
    if task is Task.CATEGORY and len(found := set(rows["category"])) < 2:
        raise UserError(
            f"project {snapshot.project!r}: all {len(rows)} labels to train on are {found.pop()!r}{aside}; "
            "two different categories at least are needed"
        )


def category_rows(snapshot: Snapshot) -> CategoryRows:
    rows = snapshot.training(Task.CATEGORY)
    found = set(rows["category"])
    order = dict.fromkeys([c for c in snapshot.label_set.category_names if c in found] + sorted(found))
    places = {name: place for place, name in enumerate(order)}
    return CategoryRows(
        ids=tuple(rows["id"]),
        texts=rows["text"].tolist(),
        labels=tuple(order),
        truth=np.array([places[c] for c in rows["category"]], dtype=np.int64),
    )


def calibration_rows(snapshot: Snapshot, labels: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Texts and truth of the calibration half, without rows of categories that the model cannot know."""
    rows = snapshot.labelled(Task.CATEGORY, Split.CALIBRATION)
    places = {name: place for place, name in enumerate(labels)}
    known = rows[rows["category"].isin(places)]
    return known["text"].tolist(), np.array([places[c] for c in known["category"]], dtype=np.int64)


def out_of_fold(
    truth: Ints, classes: int, fit_on: FitOn, *, seed: int, progress: Progress, folds: int = FOLDS
) -> NDArray[np.float64]:
    """Scores (n, classes) of every row by a model that has not seen it. Rare classes are spread over the folds."""
    fold = stratified_folds(truth, folds, seed)
    scores = np.zeros((len(truth), classes))
    for number in range(folds):
        progress("cross-validation", number, folds)
        held = np.flatnonzero(fold == number)
        if len(held):
            scores[held] = fit_on(np.flatnonzero(fold != number))(held)
    progress("cross-validation", folds, folds)
    return scores


def stratified_folds(truth: Ints, folds: int, seed: int) -> NDArray[np.int64]:
    """A fold in 0..folds-1 for every row, each class dealt out evenly, starting where the one before stopped."""
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(truth))
    dealt = shuffled[np.argsort(truth[shuffled], kind="stable")]
    fold = np.empty(len(truth), dtype=np.int64)
    fold[dealt] = np.arange(len(truth)) % folds
    return fold


def cross_validated_temperature(scores: NDArray[np.float64], rows: CategoryRows) -> tuple[float, HeldOut]:
    """The temperature for out-of-fold `scores`, and what they come to as held-out predictions."""
    temperature = fit_temperature(scores, rows.truth)
    held_out = HeldOut(how=CROSS_VALIDATED, ids=rows.ids, probabilities=softmax(scores, temperature))
    return temperature, held_out
