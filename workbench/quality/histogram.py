"""How lengths are spread, in bins that people can read. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 20
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """`counts[i]` are the values from `i * width` up to the next; the last bin holds all that is longer."""

    width: int
    counts: tuple[int, ...]
    median: int
    p95: int
    longest: int


def histogram(values: Sequence[int]) -> Histogram | None:
    """Of whole numbers from 0 on; None for none. The last of `BINS` bins takes the long tail beyond p99."""
    if not values:
        return None
    ordered = sorted(values)
    width = _nice(quantile(ordered, 0.99) / (BINS - 1))
    edges = [bisect_left(ordered, width * place) for place in range(min(BINS, ordered[-1] // width + 1))]
    counts = tuple(after - before for before, after in zip(edges, [*edges[1:], len(ordered)], strict=True))
    return Histogram(
        width=width,
        counts=counts,
        median=quantile(ordered, 0.5),
        p95=quantile(ordered, 0.95),
        longest=ordered[-1],
    )


def quantile(ordered: Sequence[int], share: float) -> int:
    """The value that `share` of an ordered, filled sequence does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _nice(width: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 …"""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= width:
                return step * power
        power *= 10
