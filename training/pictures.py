"""Pictures of an evaluation for MLflow; drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.calibration import ReliabilityBin
from training.evaluation import Ints

# With more classes the numbers in the cells cannot be read.
MOST_NUMBERED = 20


def confusion_picture(counts: Ints, names: Sequence[str]) -> Any:
    """A matplotlib Figure of counts (k, k): a row per true class, a column per predicted one, colours by row share."""
    from matplotlib.figure import Figure

    size = len(names)
    side = min(16.0, 3.0 + 0.45 * size)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(size), names, rotation=90)
    axes.set_yticks(range(size), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("people said")
    if size <= MOST_NUMBERED:
        for row, column in np.argwhere(counts > 0):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=color)
    return figure


def reliability_picture(bins: Sequence[ReliabilityBin]) -> Any:
    """A matplotlib Figure: how often right against how sure; on the diagonal confidence means what it says."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
    axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], marker="o")
    for b in bins:
        axes.annotate(str(b.count), (b.confidence, b.accuracy), xytext=(4, -10), textcoords="offset points")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that was right")
    return figure
