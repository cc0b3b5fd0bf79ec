"""Students: one small model per source of proposals, whose opinions become features.

A source (a team's model, a keyword stage, an LLM) answered many texts, rightly or not. A student learns to say what its
source would say; which of them to believe on what is then learned from people's labels (Wolpert 1992, "Stacked
generalization"). Counting the sources' votes as labels makes a model worse; this made it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.calibration import softmax
from training.folders import read_arrays, read_json, write_arrays, write_json
from training.linear import LinearModel, fit_one_against_rest
from training.spelling import Csr

if TYPE_CHECKING:
    from pandas import DataFrame

# A source with fewer answers, or with one answer for everything, teaches nothing.
FEWEST_ANSWERS = 100
STRENGTH = 0.1
# Margins → probabilities: about the temperature that margins of this strength calibrate to.
SHARPNESS = 3.0
SMALLEST = 1e-4
# Signals are scaled to about the length that the features' rows have; 0.1 to 0.2 did best on reviews.
SCALE = 0.15


@dataclass(frozen=True, kw_only=True)
class Students:
    """`model` holds the students' columns side by side, `widths[i]` of student i; `center` is (Σ widths,)."""

    sources: tuple[str, ...]
    widths: tuple[int, ...]
    model: LinearModel
    center: NDArray[np.float32]

    def signals(self, features: Csr) -> NDArray[np.float64]:
        """Features (n, f) → scaled, centred log-probabilities (n, Σ widths)."""
        return (self._log_probabilities(features) - self.center) * SCALE

    def _log_probabilities(self, features: Csr) -> NDArray[np.float64]:
        parts = np.split(self.model.scores(features), np.cumsum(self.widths)[:-1], axis=1)
        return np.hstack([np.log(softmax(part * SHARPNESS) + SMALLEST) for part in parts])

    def save(self, folder: Path) -> None:
        arrays = {"weights": self.model.weights, "bias": self.model.bias, "center": self.center}
        write_arrays(folder / "students.safetensors", arrays)
        write_json(folder / "students.json", {"sources": self.sources, "widths": self.widths})

    @classmethod
    def load(cls, folder: Path) -> Students:
        meta, arrays = read_json(folder / "students.json"), read_arrays(folder / "students.safetensors")
        return cls(
            sources=tuple(meta["sources"]),
            widths=tuple(meta["widths"]),
            model=LinearModel(weights=arrays["weights"], bias=arrays["bias"]),
            center=arrays["center"],
        )


def fit_students(proposals: DataFrame, places: Mapping[str, int], features: Csr, *, seed: int) -> Students | None:
    """A student for every source with enough category proposals; None if there is none.

    `places` says in which row of `features` (n, f) the text of a text_key stands.
    """
    usable = proposals[proposals["category"].notna() & proposals["text_key"].isin(places)]
    fitted: dict[str, LinearModel] = {}
    for source, answers in usable.groupby("source", sort=True):
        categories = sorted(set(answers["category"]))
        if len(answers) < FEWEST_ANSWERS or len(categories) < 2:
            continue
        rows = answers["text_key"].map(places).to_numpy()
        truth = answers["category"].to_numpy()[:, None] == np.array(categories, dtype=object)
        boost = np.ones(len(categories))
        fitted[str(source)] = fit_one_against_rest(features[rows], truth, strength=STRENGTH, boost=boost, seed=seed)
    if not fitted:
        return None
    return _side_by_side(fitted, features)


def _side_by_side(fitted: Mapping[str, LinearModel], features: Csr) -> Students:
    students = Students(
        sources=tuple(fitted),
        widths=tuple(len(model.bias) for model in fitted.values()),
        model=LinearModel(
            weights=np.hstack([model.weights for model in fitted.values()]),
            bias=np.concatenate([model.bias for model in fitted.values()]),
        ),
        center=np.zeros(1, dtype=np.float32),
    )
    center = students._log_probabilities(features).mean(axis=0).astype(np.float32)
    return Students(sources=students.sources, widths=students.widths, model=students.model, center=center)
