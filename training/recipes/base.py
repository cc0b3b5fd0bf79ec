"""What every recipe is, and finding one by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from db.types import Kind
from training.snapshot import Snapshot, Task, tasks_of

Value = bool | int | float | str
# (step, done, total): told while a recipe works.
Progress = Callable[[str, int, int], None]


class Head(Protocol):
    """One trained answerer of one task; safe to use from many threads."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What the columns of `predict` stand for."""
        ...

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> NDArray[np.float64]:
        """Probabilities (n, k). Of a category head rows sum to 1; of a tags head each is its own, NaN where the
        catalogue of the row's category lacks the tag. `categories` are known ones, (n,); None where unknown."""
        ...

    def save(self, folder: Path) -> None: ...


class TagsHead(Head, Protocol):
    def thresholds(self, categories: Sequence[str | None]) -> NDArray[np.float64]:
        """The probabilities (n,) from which tags are answered, as tuned in training."""
        ...


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """How a recipe did on training rows that it had kept from itself: predictions (n, k) on the rows `ids` (n,).

    `how` says which rows, as a prefix of metrics: "cross_validated" or "validation". `chosen` (n, k) are the tags that
    would have been answered; a category is the most probable one.
    """

    how: str
    ids: tuple[str, ...]
    probabilities: NDArray[np.float64]
    chosen: NDArray[np.bool_] | None = None


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """`recipe` names what can load the head again; for `auto` it is what was chosen, and `notes` say why."""

    recipe: str
    head: Any
    held_out: HeldOut | None
    params: Mapping[str, Value]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a recipe is given besides the snapshot."""

    params: Mapping[str, Value]
    seed: int
    embedder: str
    progress: Progress
    deadline: float | None = None

    @property
    def out_of_time(self) -> bool:
        """Whether `deadline` (of time.monotonic) has passed: finish with what there is."""
        return self.deadline is not None and monotonic() > self.deadline


class Recipe(Protocol):
    """One way to train; `defaults` names its parameters."""

    name: ClassVar[str]
    task: ClassVar[Task]
    defaults: ClassVar[Mapping[str, Value]]

    def fit(self, snapshot: Snapshot, setup: Setup) -> Fitted:
        """Train on the snapshot's training rows. Raises UserError where they do not suffice."""
        ...

    def load(self, folder: Path) -> Any:
        """The head that `Fitted.head.save(folder)` wrote."""
        ...


# The task stands here too, so that they can be listed without importing what trains them.
_RECIPES: Mapping[str, tuple[Task, str]] = {
    "auto": (Task.CATEGORY, "training.recipes.auto:Auto"),
    "tfidf": (Task.CATEGORY, "training.recipes.tfidf:Tfidf"),
    "embedding-head": (Task.CATEGORY, "training.recipes.embedding_head:EmbeddingHead"),
    "tags-tfidf": (Task.TAGS, "training.recipes.tags_tfidf:TagsTfidf"),
}
AUTO = "auto"
DEFAULT: Mapping[Task, str] = {Task.CATEGORY: "auto", Task.TAGS: "tags-tfidf"}


def recipe_names() -> tuple[str, ...]:
    return tuple(_RECIPES)


def recipes_for(kind: Kind) -> tuple[str, ...]:
    """Those that may be asked for in a project of this kind: `auto`, and whatever trains what it asks."""
    tasks = tasks_of(kind)
    return tuple(name for name, (task, _) in _RECIPES.items() if name == AUTO or task in tasks)


def get_recipe(name: str) -> Recipe:
    """Raises UserError naming the recipes there are."""
    if name not in _RECIPES:
        raise UserError(f"no recipe {name[:80]!r}; recipes: {', '.join(_RECIPES)}")
    module, _, attribute = _RECIPES[name][1].partition(":")
    recipe: Recipe = getattr(import_module(module), attribute)()
    return recipe


def parse_params(recipe: Recipe, assignments: Sequence[str]) -> dict[str, Value]:
    """The recipe's parameters with `key=value` applied; raises UserError for an unknown key or an unfit value."""
    params = dict(recipe.defaults)
    for assignment in assignments:
        key, equals, raw = assignment.partition("=")
        if not equals:
            raise UserError(f"--set {assignment!r}: write key=value")
        if key not in params:
            raise UserError(f"--set {key}: recipe {recipe.name} has {', '.join(params) or 'no parameters'}")
        params[key] = _parse(key, raw, params[key])
    return params


def _parse(key: str, raw: str, like: Value) -> Value:
    if isinstance(like, bool):
        if raw.lower() not in ("true", "false"):
            raise UserError(f"--set {key}: true or false (got {raw!r})")
        return raw.lower() == "true"
    try:
        return type(like)(raw)
    except ValueError:
        kind = "a whole number" if isinstance(like, int) else "a number"
        raise UserError(f"--set {key}: {kind} (got {raw!r})") from None
