"""The pure parts of building a queue."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.queues import QueueItem
from workbench.queues.build import interleave, share_places


@given(st.integers(0, 500), st.floats(0, 1), st.integers(0, 600), st.integers(0, 600))
def test_places_are_filled_as_far_as_there_are_texts(size: int, share: float, active: int, blind: int) -> None:
    places = share_places(size, share, active, blind)
    assert 0 <= places <= min(blind, size)
    assert places + min(active, size - places) == min(size, active + blind)
    if active >= size and blind >= size:
        assert places == round(size * share)


@given(st.integers(0, 60), st.integers(0, 60))
def test_both_keep_their_order_and_any_beginning_has_its_share(active: int, blind: int) -> None:
    merged = interleave([QueueItem(i, "margin") for i in range(active)], [QueueItem(i, "blind") for i in range(blind)])
    for reason, count in (("margin", active), ("blind", blind)):
        assert [item.record_id for item in merged if item.reason == reason] == list(range(count))
    for end in range(len(merged) + 1):
        so_far = sum(item.reason == "blind" for item in merged[:end])
        assert abs(so_far - end * blind / max(len(merged), 1)) <= 1
