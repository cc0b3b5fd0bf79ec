"""What may be asked of a training, and the words of the refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.errors import UserError
from db.types import Kind, Project
from training.planning import Promote, check_wishes, options_of
from training.recipes.base import get_recipe, recipe_names, recipes_for


def test_what_is_not_asked_for_has_its_default() -> None:
    options = options_of("p", {"recipe": None, "budget": "", "set": [], "seed": None})
    assert (options.recipe, options.budget_s, options.seed, options.promote) == ("auto", None, 0, Promote.AUTO)


def test_wishes_are_read_as_the_command_line_reads_them() -> None:
    wishes = {
        "recipe": "tfidf",
        "use_proposals": True,
        "set": ["strength=2"],
        "seed": "7",
        "budget": "1.5h",
        "promote": "never",
    }
    options = options_of("p", wishes)
    assert (options.recipe, options.use_proposals, options.assignments, options.seed) == (
        "tfidf",
        True,
        ("strength=2",),
        7,
    )
    assert (options.budget_s, options.promote) == (5400.0, Promote.NEVER)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"recipe": "<b>"}, "no recipe '<b>'; recipes: auto"),
        ({"recipe": "tags-tfidf"}, "trains tags, but project 'p' asks only for category"),
        ({"set": ["strength"]}, "write key=value"),
        ({"recipe": "tfidf", "set": ["strength=much"]}, "--set strength: a number"),
        ({"budget": "soon"}, r"--budget: a time such as 90s, 5m or 1h \(got 'soon'\)"),
        ({"budget": "0m"}, "--budget"),
        ({"budget": "9" * 400}, "--budget"),
        ({"seed": "-1"}, r"--seed: a whole number from 0 to 4294967295 \(got '-1'\)"),
        ({"seed": "4294967296"}, "--seed"),
        ({"promote": "sometimes"}, "--promote: one of auto, always, never"),
        ({"snapshot": "abc"}, "snapshot 'abc': 0 found"),
    ],
)
def test_what_a_training_would_refuse_is_refused_before(tmp_path: Path, wishes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_wishes(Project(1, "p", Kind.CATEGORY), wishes, embedder="auto", snapshots=tmp_path)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_recipes_on_offer_fit_the_project(tmp_path: Path, kind: Kind) -> None:
    offered = recipes_for(kind)
    assert offered[0] == "auto"
    for name in offered:
        check_wishes(Project(1, "p", kind), {"recipe": name}, embedder="auto", snapshots=tmp_path)


def test_the_list_of_recipes_knows_what_each_trains() -> None:
    trains_tags = set(recipes_for(Kind.TAGS)) - {"auto"}
    assert {name for name in recipe_names() if get_recipe(name).task.value == "tags"} == trains_tags
