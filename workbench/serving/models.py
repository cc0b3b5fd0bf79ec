"""What serving needs of a model and of the place that keeps models."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from db.errors import UserError
from db.types import LabelSet, Project

if TYPE_CHECKING:
    from training.bundle import Answered


class Prediction(Protocol):
    """One answer. `category` is None and `probabilities` empty where no category is asked; likewise the tags."""

    @property
    def category(self) -> str | None: ...
    @property
    def confidence(self) -> float | None: ...
    @property
    def probabilities(self) -> Mapping[str, float]: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def tag_scores(self) -> Mapping[str, float]: ...


class Predictor(Protocol):
    """A loaded model; may be called from several threads. `label_set` is the one it was trained for."""

    @property
    def label_set(self) -> LabelSet: ...

    def predict(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> Sequence[Prediction]: ...


class BulkPredictor(Protocol):
    """The same model asked for very many texts at once: arrays come back."""

    def answer(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> Answered: ...


class Models(Protocol):
    """The registry as serving sees it."""

    def champion_version(self, project: Project) -> str | None:
        """The version behind the alias now, or None; raises ModelUnavailableError where the registry is silent."""
        ...

    def load(self, project: Project, version: str) -> Predictor:
        """Raises ModelUnavailableError where the version cannot be loaded."""
        ...


class NoChampionError(UserError):
    """The project has nothing promoted yet."""


def no_champion(project: str) -> NoChampionError:
    """With the command that mends it."""
    return NoChampionError(
        f"no champion yet for project {project}: run python -m training.retrain --project {shlex.quote(project)}"
    )


class ModelUnavailableError(UserError):
    """A model is there but cannot be had now: the store is out of reach, or the bundle cannot be loaded."""
