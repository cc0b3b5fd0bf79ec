"""What was asked of a training, and which recipes with which parameters that means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from db.errors import UserError
from db.types import Project
from training.recipes.base import AUTO, DEFAULT, Progress, Recipe, Setup, get_recipe, parse_params
from training.snapshot import Task, tasks_of


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
