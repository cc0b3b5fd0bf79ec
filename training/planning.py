"""What was asked of a training, and which recipes with which parameters that means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from db.errors import UserError
from db.types import Project
from training.recipes.base import AUTO, DEFAULT, Progress, Recipe, Setup, get_recipe, parse_params
from training.snapshot import Task, find, tasks_of

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_MAX_SEED = 2**32 - 1


class Promote(StrEnum):
    """`auto` does what the gate says."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class Options:
    project: str
    recipe: str = "auto"
    use_proposals: bool = False
    assignments: tuple[str, ...] = ()
    seed: int = 0
    snapshot: str | None = None
    budget_s: float | None = None
    promote: Promote = Promote.AUTO


def seconds_of(text: str) -> float:
    """The seconds that "90s", "5m" or "1h" are; raises UserError for anything else."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)([smh]?)", text.strip())
    if match is None or float(match[1]) == 0:
        raise UserError(f"--budget: a time such as 90s, 5m or 1h (got {text[:40]!r})")
    return float(match[1]) * _UNITS[match[2] or "s"]


def seed_of(text: str) -> int:
    """Raises UserError for what no recipe can be seeded with."""
    if not re.fullmatch(r"\d{1,10}", text.strip()) or int(text) > _MAX_SEED:
        raise UserError(f"--seed: a whole number from 0 to {_MAX_SEED} (got {text[:40]!r})")
    return int(text)


def options_of(project: str, wishes: Mapping[str, Any]) -> Options:
    """What a page or a background job asks for, under the names of the command line; None and "" ask for nothing.

    Raises UserError naming the option that cannot be.
    """
    given = {name: value for name, value in wishes.items() if value not in (None, "")}
    promote = str(given.get("promote", Promote.AUTO.value))
    if promote not in list(Promote):
        raise UserError(f"--promote: one of {', '.join(Promote)} (got {promote[:40]!r})")
    return Options(
        project=project,
        recipe=str(given.get("recipe", AUTO)),
        use_proposals=bool(given.get("use_proposals", False)),
        assignments=tuple(map(str, given.get("set", ()))),
        seed=seed_of(str(given.get("seed", 0))),
        snapshot=None if "snapshot" not in given else str(given["snapshot"]),
        budget_s=seconds_of(str(given["budget"])) if "budget" in given else None,
        promote=Promote(promote),
    )


def check_wishes(project: Project, wishes: Mapping[str, Any], *, embedder: str, snapshots: Path) -> None:
    """Raises UserError for what a training would refuse before it looks at any row."""
    options = options_of(project.name, wishes)
    plan_recipes(project, options, embedder, lambda step, done, total: None)
    if options.snapshot is not None:
        find(snapshots, options.snapshot)


def plan_recipes(
    project: Project, options: Options, embedder: str, progress: Progress
) -> dict[Task, tuple[Recipe, Setup]]:
    """The recipe of every task with its parameters; raises UserError for a recipe or parameter that does not fit."""
    tasks = tasks_of(project.kind)
    named = get_recipe(options.recipe)
    if named.task not in tasks and options.recipe != AUTO:
        raise UserError(
            f"recipe {options.recipe} trains {named.task.value}, but project {project.name!r} asks only for "
            f"{project.kind.value}"
        )
    recipes = {task: named if task is named.task else get_recipe(DEFAULT[task]) for task in tasks}
    # The parameters are the named recipe's; where that is auto in a project of tags, the one that stands for it.
    tuned = named.task if named.task in tasks else tasks[0]
    deadline = None if options.budget_s is None else monotonic() + options.budget_s
    return {
        task: (
            recipe,
            Setup(
                params=parse_params(recipe, options.assignments if task is tuned else ()),
                seed=options.seed,
                embedder=embedder,
                progress=progress,
                deadline=deadline,
            ),
        )
        for task, recipe in recipes.items()
    }
