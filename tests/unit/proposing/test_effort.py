from __future__ import annotations

import pytest

from workbench.proposing.effort import Effort, in_words, matrix_speed, work_per_token


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "about 1 min"),
        (5_300, "about 88 min"),
        (5_400, "about 2 h"),
        (11_000, "about 3 h"),
    ],
)
def test_a_time_is_told_as_people_say_it(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_the_work_follows_the_size_of_the_encoder() -> None:
    base = {"hidden_size": 768, "num_hidden_layers": 12, "intermediate_size": 3072}
    # Two operations for each of an encoder's 85 million weights.
    assert work_per_token(base) == pytest.approx(2 * 85e6, rel=0.01)
    assert work_per_token({"dim": 768, "n_layers": 6, "hidden_dim": 3072}) == pytest.approx(85e6, rel=0.01)
    assert work_per_token({"encoder_config": base, "hidden_size": 1}) == work_per_token(base)
    assert work_per_token({"hidden_size": 768}) is None
    assert work_per_token({}) is None


def test_an_hour_is_long() -> None:
    assert not Effort(pairs=1, labels=1).is_long
    assert not Effort(pairs=1, labels=1, seconds=3600).is_long
    assert Effort(pairs=1, labels=1, seconds=3601).is_long


def test_a_machine_multiplies() -> None:
    assert matrix_speed(64) > 0
