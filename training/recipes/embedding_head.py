"""`embedding-head`: a frozen encoder and a logistic layer on its vectors; strong where labels are few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from training.calibration import softmax
from training.embedders import Embedder, load_embedder, make_embedder
from training.evaluation import Ints
from training.folders import read_arrays, read_json, write_arrays, write_json
from training.linear import LinearModel
from training.recipes.base import Fitted, Setup, Value
from training.recipes.fitting import Scorer, category_rows, cross_validated_temperature, out_of_fold
from training.snapshot import Snapshot, Task


@dataclass(frozen=True, kw_only=True)
class EmbeddingHeadModel:
    """softmax of (vectors · model) / temperature."""

    labels: tuple[str, ...]
    embedder: Embedder
    model: LinearModel
    temperature: float

    def predict(self, texts: Sequence[str], categories: Sequence[str | None] = ()) -> NDArray[np.float64]:
        return softmax(self.model.scores(self.embedder.encode(texts)), self.temperature)

    def save(self, folder: Path) -> None:
        self.embedder.save(folder / "embedder")
        write_arrays(folder / "head.safetensors", {"weights": self.model.weights, "bias": self.model.bias})
        write_json(folder / "head.json", {"labels": self.labels, "temperature": self.temperature})


class EmbeddingHead:
    """The encoder is WORKBENCH_EMBEDDER's ("auto": LSA of the project's texts); `strength` is the last layer's C."""

    name: ClassVar[str] = "embedding-head"
    task: ClassVar[Task] = Task.CATEGORY
    defaults: ClassVar[Mapping[str, Value]] = {"strength": 10.0}

    def fit(self, snapshot: Snapshot, setup: Setup) -> Fitted:
        rows = category_rows(snapshot)
        setup.progress("embed", 0, 1)
        embedder = make_embedder(setup.embedder, rows.texts + snapshot.corpus["text"].tolist())
        vectors = embedder.encode(rows.texts)
        setup.progress("embed", 1, 1)
        strength, size = float(setup.params["strength"]), len(rows.labels)

        def fit_on(chosen: Ints) -> Scorer:
            model = _fit_logistic(vectors[chosen], rows.truth[chosen], size, strength)
            return lambda places: model.scores(vectors[places])

        scores = out_of_fold(rows.truth, size, fit_on, seed=setup.seed, progress=setup.progress)
        temperature, held_out = cross_validated_temperature(scores, rows)
        head = EmbeddingHeadModel(
            labels=rows.labels,
            embedder=embedder,
            model=_fit_logistic(vectors, rows.truth, size, strength),
            temperature=temperature,
        )
        return Fitted(recipe=self.name, head=head, held_out=held_out, params=setup.params, notes=(embedder.describe(),))

    def load(self, folder: Path) -> EmbeddingHeadModel:
        meta, arrays = read_json(folder / "head.json"), read_arrays(folder / "head.safetensors")
        return EmbeddingHeadModel(
            labels=tuple(meta["labels"]),
            embedder=load_embedder(folder / "embedder"),
            model=LinearModel(weights=arrays["weights"], bias=arrays["bias"]),
            temperature=meta["temperature"],
        )


def _fit_logistic(vectors: NDArray[np.float32], truth: Ints, size: int, strength: float) -> LinearModel:
    """A balanced softmax regression; columns of classes without a row get a score below all others."""
    from sklearn.linear_model import LogisticRegression

    seen = np.unique(truth)
    weights = np.zeros((vectors.shape[1], size), dtype=np.float32)
    bias = np.full(size, -10.0, dtype=np.float32)
    if len(seen) < 2:
        bias[seen] = 0.0
        return LinearModel(weights=weights, bias=bias)
    fitted = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000).fit(vectors, truth)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(seen) == 2:
        # Two classes come as one row of log-odds.
        coefficients, intercepts = np.vstack([-coefficients, coefficients]) / 2, np.array([-1, 1]) * intercepts / 2
    weights[:, seen], bias[seen] = coefficients.T, intercepts
    return LinearModel(weights=weights, bias=bias)
