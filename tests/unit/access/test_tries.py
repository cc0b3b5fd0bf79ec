"""Waiting after wrong passwords: growing, ending, bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.access.tries import WINDOW_S, Tries


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_tries_are_free_and_then_each_waits_longer() -> None:
    clock = Clock()
    tries = Tries(free=3, clock=clock)
    waits = []
    for _ in range(6):
        waits.append(tries.wait("ann"))
        clock.now += waits[-1]
        tries.count("ann")
    assert waits == [0, 0, 0, 30, 60, 120]


def test_one_key_does_not_hold_up_another() -> None:
    tries = Tries(free=1, clock=Clock())
    tries.count("ann")
    assert tries.wait("ann") == 30
    assert tries.wait("bob") == 0


def test_after_ten_minutes_of_rest_everything_is_forgotten() -> None:
    clock = Clock()
    tries = Tries(free=2, clock=clock)
    for _ in range(8):
        tries.count("ann")
    assert tries.wait("ann") == WINDOW_S
    clock.now += WINDOW_S
    assert tries.wait("ann") == 0


def test_a_right_try_does_not_count_but_those_before_it_do() -> None:
    tries = Tries(free=2, clock=Clock())
    for _ in range(2):
        tries.count("ann")
    tries.take_back("ann")
    assert tries.wait("ann") == 0
    tries.count("ann")
    assert tries.wait("ann") == 30
    tries.forget("ann")
    assert tries.wait("ann") == 0
    tries.take_back("ann")


def test_only_so_many_keys_are_remembered() -> None:
    tries = Tries(free=1, clock=Clock(), most_keys=10)
    for number in range(100):
        tries.count(str(number))
    assert [number for number in range(100) if tries.wait(str(number))] == list(range(90, 100))


@given(steps=st.lists(st.tuples(st.floats(0, 900), st.booleans()), max_size=60))
def test_nobody_waits_longer_than_ten_minutes_nor_gets_many_tries_in_them(steps: list[tuple[float, bool]]) -> None:
    clock = Clock()
    tries = Tries(free=5, clock=clock)
    made: list[float] = []
    for pause, patient in steps:
        clock.now += pause
        wait = tries.wait("ann")
        assert 0 <= wait <= WINDOW_S
        if wait and patient:
            clock.now += wait
            wait = tries.wait("ann")
            assert wait == 0
        if not wait:
            tries.count("ann")
            made.append(clock.now)
        assert sum(at > clock.now - WINDOW_S for at in made) <= 10
