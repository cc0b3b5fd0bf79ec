"""What strategies choose from and what they answer with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.queues import reasons
from workbench.queues.opinions import Opinions
from workbench.queues.uncertainty import Uncertainty

Indices = NDArray[np.intp]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What a strategy may look at.

    `count` candidates; their vectors (count, d) of length 1 and those of the texts that people answered already
    (m, d); how undecided the champion is about each candidate, None where there is no champion; what several sources
    say about each, None where nobody asked for it.
    """

    count: int
    vectors: Vectors
    answered: Vectors
    uncertainty: Uncertainty | None = None
    opinions: Opinions | None = None
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Picked:
    """Distinct rows of the pool, best first, with scores in 0..1 (more is more worth asking) and reason codes."""

    indices: Indices
    scores: NDArray[np.float64]
    reasons: tuple[str, ...]

    def then(self, other: Picked) -> Picked:
        return Picked(
            indices=np.concatenate([self.indices, other.indices]),
            scores=np.concatenate([self.scores, other.scores]),
            reasons=self.reasons + other.reasons,
        )


class Strategy(Protocol):
    """`pick` orders the `size` best rows of a pool, or all where it has fewer."""

    @property
    def name(self) -> str: ...

    @property
    def needs_vectors(self) -> bool: ...

    @property
    def needs_scores(self) -> bool: ...

    @property
    def needs_opinions(self) -> bool: ...

    def pick(self, pool: Pool, size: int) -> Picked: ...


def in_random_order(rows: Indices, size: int, seed: int) -> Picked:
    """`size` of the rows, or all where there are fewer, in an order that the seed alone decides."""
    picks = np.random.default_rng(seed).permutation(rows)[: max(size, 0)]
    return Picked(indices=picks, scores=np.zeros(len(picks)), reasons=(reasons.RANDOM,) * len(picks))
