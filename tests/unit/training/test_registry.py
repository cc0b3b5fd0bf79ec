"""Which version a rollback goes back to."""

from __future__ import annotations

import pytest

from db.promotions import Promotion
from training.promoting import version_before
from training.registry import BY_HAND, ROLLED_BACK, champion, find_version


def _history(*steps: tuple[str, str]) -> list[Promotion]:
    return [Promotion(model_name="m", version=version, verdict=verdict) for version, verdict in steps]


@pytest.mark.parametrize(
    ("steps", "before"),
    [
        ([], None),
        ([("1", "promote")], None),
        ([("1", "promote"), ("3", BY_HAND)], "1"),
        ([("1", "promote"), ("2", "promote"), ("3", "promote"), ("2", ROLLED_BACK)], "1"),
        ([("1", "promote"), ("2", "promote"), ("1", ROLLED_BACK)], None),
        ([("1", "promote"), ("2", "promote"), ("1", ROLLED_BACK), ("3", "promote")], "1"),
        ([("1", "promote"), ("2", "promote"), ("2", BY_HAND)], "1"),
    ],
)
def test_a_rollback_goes_one_back_and_never_round_in_circles(steps: list[tuple[str, str]], before: str | None) -> None:
    assert version_before(_history(*steps)) == before


def test_a_store_that_is_not_there_has_no_champion_and_is_not_made(tmp_path: object) -> None:
    assert champion(f"sqlite:///{tmp_path}/none.db", "shop") is None


def test_any_other_address_stands_for_itself() -> None:
    assert find_version("sqlite:///none.db", "/models/mine").address == "/models/mine"
