"""A bundle: the directory that holds a trained model, whatever recipe made it. Loading one runs nothing from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from db.label_sets import as_definition, parse_label_set
from db.types import Kind, LabelSet
from training.folders import read_json, write_json
from training.recipes.base import get_recipe
from training.snapshot import Task
from training.tag_choice import choose_tags

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A model's answers to n texts as arrays; the fields of a task that the project does not ask for are None.

    `probabilities` (n, k) over `labels`; `tag_scores` and `chosen` (n, t) over `tag_names`, a score NaN where the
    catalogue of the text's category lacks the tag.
    """

    labels: tuple[str, ...] = ()
    probabilities: NDArray[np.float64] | None = None
    tag_names: tuple[str, ...] = ()
    tag_scores: NDArray[np.float64] | None = None
    chosen: NDArray[np.bool_] | None = None

    @property
    def categories(self) -> list[str] | None:
        """The most probable category of each text."""
        if self.probabilities is None:
            return None
        return [self.labels[place] for place in self.probabilities.argmax(axis=1)]

    @property
    def confidences(self) -> NDArray[np.float64] | None:
        """The probability of that category (n,)."""
        return None if self.probabilities is None else np.asarray(self.probabilities.max(axis=1))

    def tags(self, row: int) -> tuple[str, ...]:
        """The tags chosen for a text, most probable first."""
        if self.tag_scores is None or self.chosen is None:
            return ()
        order = np.argsort(-self.tag_scores[row], kind="stable")
        return tuple(self.tag_names[place] for place in order if self.chosen[row, place])

    def scores_of_tags(self, row: int) -> dict[str, float]:
        """The probability of every tag that the text's category knows, most probable first."""
        if self.tag_scores is None:
            return {}
        order = np.argsort(-self.tag_scores[row], kind="stable")
        return {
            self.tag_names[p]: float(self.tag_scores[row, p]) for p in order if not np.isnan(self.tag_scores[row, p])
        }


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Trained heads by task, with the names of their recipes and what they were trained for."""

    project: str
    kind: Kind
    label_set: LabelSet
    snapshot: str
    recipes: Mapping[Task, str]
    heads: Mapping[Task, Any]

    def answer(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> Answered:
        """Answers to every task. `categories` are known ones and route tags; where one is unknown, ours does.

        `threshold` is for tags, in place of the tuned ones.
        """
        known: list[str | None] = [None] * len(texts) if categories is None else list(categories)
        answered = Answered()
        if (head := self.heads.get(Task.CATEGORY)) is not None:
            probabilities = np.zeros((len(texts), len(self._labels)))
            probabilities[:, self._columns] = head.predict(texts, known)
            answered = Answered(labels=self._labels, probabilities=probabilities)
            known = [k or own for k, own in zip(known, answered.categories or (), strict=True)]
        if (head := self.heads.get(Task.TAGS)) is None:
            return answered
        scores = head.predict(texts, known)
        return Answered(
            labels=answered.labels,
            probabilities=answered.probabilities,
            tag_names=head.labels,
            tag_scores=scores,
            chosen=choose_tags(scores, head.thresholds(known) if threshold is None else threshold),
        )

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        """The label set's categories, those nobody labelled yet included, then what else the head knows."""
        return tuple(dict.fromkeys(self.label_set.category_names + self.heads[Task.CATEGORY].labels))

    @cached_property
    def _columns(self) -> list[int]:
        places = {name: place for place, name in enumerate(self._labels)}
        return [places[name] for name in self.heads[Task.CATEGORY].labels]


def save_bundle(bundle: Bundle, folder: Path) -> None:
    for task, head in bundle.heads.items():
        head.save(folder / task.value)
    manifest = {
        "format": FORMAT,
        "project": bundle.project,
        "kind": bundle.kind.value,
        "label_set": as_definition(bundle.label_set),
        "snapshot": bundle.snapshot,
        "recipes": {task.value: name for task, name in bundle.recipes.items()},
    }
    write_json(folder / MANIFEST, manifest)


def load_bundle(folder: Path) -> Bundle:
    """Raises UserError naming the file that is missing, damaged or of a newer format."""
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise UserError(f"{folder / MANIFEST}: format {manifest.get('format')!r}; this version reads {FORMAT}")
    recipes = {Task(task): str(name) for task, name in manifest["recipes"].items()}
    return Bundle(
        project=manifest["project"],
        kind=Kind(manifest["kind"]),
        label_set=parse_label_set(manifest["label_set"]),
        snapshot=manifest["snapshot"],
        recipes=recipes,
        heads={task: get_recipe(name).load(folder / task.value) for task, name in recipes.items()},
    )
