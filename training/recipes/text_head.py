"""A category head on n-gram features: one sparse product and a softmax, with or without students in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.calibration import softmax
from training.folders import read_arrays, read_json, write_arrays, write_json
from training.linear import LinearModel
from training.ngrams import NgramFeatures
from training.recipes.students import Students


@dataclass(frozen=True, kw_only=True)
class TextHead:
    """softmax of (features · model + students' signals · stack) / temperature.

    `stack` (s, k) weighs the s signals of the students; both are None where nobody's proposals were used.
    """

    labels: tuple[str, ...]
    features: NgramFeatures
    model: LinearModel
    temperature: float
    students: Students | None = None
    stack: NDArray[np.float32] | None = None

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        features = self.features.transform(texts)
        scores = self.model.scores(features)
        if self.students is not None and self.stack is not None:
            scores += self.students.signals(features) @ self.stack
        return scores

    def predict(self, texts: Sequence[str], categories: Sequence[str | None] = ()) -> NDArray[np.float64]:
        return softmax(self.scores(texts), self.temperature)

    def save(self, folder: Path) -> None:
        self.features.save(folder)
        arrays = {"weights": self.model.weights, "bias": self.model.bias}
        if self.students is not None and self.stack is not None:
            self.students.save(folder)
            arrays["stack"] = self.stack
        write_arrays(folder / "head.safetensors", arrays)
        write_json(folder / "head.json", {"labels": self.labels, "temperature": self.temperature})


def load_text_head(folder: Path) -> TextHead:
    meta, arrays = read_json(folder / "head.json"), read_arrays(folder / "head.safetensors")
    stack = arrays.get("stack")
    return TextHead(
        labels=tuple(meta["labels"]),
        features=NgramFeatures.load(folder),
        model=LinearModel(weights=arrays["weights"], bias=arrays["bias"]),
        temperature=meta["temperature"],
        students=None if stack is None else Students.load(folder),
        stack=stack,
    )
