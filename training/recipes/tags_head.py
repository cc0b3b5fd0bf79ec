"""A tags head on n-gram features: one model per section of the catalogue, and one for texts of no known section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.calibration import sigmoid
from training.folders import read_arrays, read_json, write_arrays, write_json
from training.linear import LinearModel
from training.ngrams import NgramFeatures
from training.spelling import Csr


@dataclass(frozen=True, kw_only=True)
class Section:
    """`model` scores `tags`, one column each; `columns` are their places among all labels."""

    tags: tuple[str, ...]
    columns: tuple[int, ...]
    model: LinearModel
    threshold: float = 0.5


@dataclass(frozen=True, kw_only=True)
class NgramTagsHead:
    """sigmoid(slope · score + intercept) of the model of each text's section; `fallback` answers where there is none.

    Rows are grouped by section, as one product per section is many times faster than one per row.
    """

    labels: tuple[str, ...]
    features: NgramFeatures
    sections: Mapping[str, Section]
    fallback: Section
    slope: float
    intercept: float

    def scores(self, features: Csr, categories: Sequence[str | None]) -> NDArray[np.float64]:
        """Features (n, f) → scores (n, k), NaN where the section lacks the tag."""
        found = np.full((len(categories), len(self.labels)), np.nan)
        routes = self._route(categories)
        for route in np.unique(routes):
            section, rows = self._routes[route], np.flatnonzero(routes == route)
            found[np.ix_(rows, section.columns)] = section.model.scores(features[rows])
        return found

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> NDArray[np.float64]:
        scores = self.scores(self.features.transform(texts), categories)
        return sigmoid(self.slope * scores + self.intercept)

    def thresholds(self, categories: Sequence[str | None]) -> NDArray[np.float64]:
        return np.array([section.threshold for section in self._routes])[self._route(categories)]

    def _route(self, categories: Sequence[str | None]) -> NDArray[np.int64]:
        fallback = len(self._places)
        return np.array([self._places.get(category or "", fallback) for category in categories], dtype=np.int64)

    @cached_property
    def _routes(self) -> tuple[Section, ...]:
        return (*self.sections.values(), self.fallback)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.sections)}

    def save(self, folder: Path) -> None:
        self.features.save(folder)
        arrays: dict[str, NDArray[np.float32]] = {}
        for place, section in enumerate(self._routes):
            arrays |= {f"weights.{place}": section.model.weights, f"bias.{place}": section.model.bias}
        write_arrays(folder / "head.safetensors", arrays)
        meta = {
            "labels": self.labels,
            "sections": list(self.sections),
            "tags": [section.tags for section in self._routes],
            "slope": self.slope,
            "intercept": self.intercept,
            "thresholds": [section.threshold for section in self._routes],
        }
        write_json(folder / "head.json", meta)


def load_tags_head(folder: Path) -> NgramTagsHead:
    meta, arrays = read_json(folder / "head.json"), read_arrays(folder / "head.safetensors")
    labels = tuple(meta["labels"])
    routes = [
        make_section(
            tags, labels, LinearModel(weights=arrays[f"weights.{place}"], bias=arrays[f"bias.{place}"]), threshold
        )
        for place, (tags, threshold) in enumerate(zip(meta["tags"], meta["thresholds"], strict=True))
    ]
    return NgramTagsHead(
        labels=labels,
        features=NgramFeatures.load(folder),
        sections=dict(zip(meta["sections"], routes, strict=False)),
        fallback=routes[-1],
        slope=meta["slope"],
        intercept=meta["intercept"],
    )


def make_section(tags: Sequence[str], labels: Sequence[str], model: LinearModel, threshold: float = 0.5) -> Section:
    columns = tuple(labels.index(tag) for tag in tags)
    return Section(tags=tuple(tags), columns=columns, model=model, threshold=threshold)
