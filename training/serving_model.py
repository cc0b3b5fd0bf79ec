"""The one MLflow model of all recipes ("models from code"): MLflow runs this file to serve a bundle.

In: `text` and, optionally, `category`. Out: `category`, `confidence`, `probabilities`, `tags`, `tag_scores`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from training.bundle import Answered, Bundle, load_bundle


class ServingModel(PythonModel):
    bundle: Bundle

    def load_context(self, context: Any) -> None:
        self.bundle = load_bundle(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row out per row in. The parameter `tag_threshold` below 0 stands for the tuned one."""
        threshold = float((params or {}).get("tag_threshold", -1.0))
        categories = None
        if "category" in model_input:
            categories = [None if pd.isna(value) else str(value) for value in model_input["category"]]
        texts = [str(text) for text in model_input["text"]]
        answered = self.bundle.answer(texts, categories, threshold if threshold >= 0 else None)
        return as_frame(answered, len(texts))


def as_frame(answered: Answered, rows: int) -> pd.DataFrame:
    """Answers in the shape of the model's signature; a task that is not asked for has empty columns."""
    categories, confidences = answered.categories, answered.confidences
    probabilities = answered.probabilities
    return pd.DataFrame(
        {
            "category": [""] * rows if categories is None else categories,
            "confidence": [float("nan")] * rows if confidences is None else confidences,
            "probabilities": [
                {} if probabilities is None else dict(zip(answered.labels, probabilities[row].tolist(), strict=True))
                for row in range(rows)
            ],
            "tags": [list(answered.tags(row)) for row in range(rows)],
            "tag_scores": [answered.scores_of_tags(row) for row in range(rows)],
        }
    )


mlflow.models.set_model(ServingModel())
