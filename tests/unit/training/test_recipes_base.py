"""Finding recipes and reading their parameters."""

from __future__ import annotations

import pytest

from db.errors import UserError
from training.recipes.base import get_recipe, parse_params, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_can_be_found_and_knows_its_name(name: str) -> None:
    assert get_recipe(name).name == name


def test_parameters_take_the_type_of_their_default() -> None:
    recipe = get_recipe("tfidf")
    params = parse_params(recipe, ["strength=1", "dimensions=20", "cross_validate=true"])
    assert (params["strength"], params["dimensions"], params["cross_validate"]) == (1.0, 20, True)
    assert parse_params(recipe, []) == recipe.defaults


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("strength", "write key=value"),
        ("size=3", "recipe tfidf has strength, dimensions"),
        ("dimensions=2.5", "--set dimensions: a whole number"),
        ("strength=high", "--set strength: a number"),
        ("cross_validate=1", "--set cross_validate: true or false"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(assignment: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        parse_params(get_recipe("tfidf"), [assignment])


def test_auto_has_no_parameters() -> None:
    with pytest.raises(UserError, match="recipe auto has no parameters"):
        parse_params(get_recipe("auto"), ["strength=1"])
