"""The strategy that asks people where sources disagree. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.queues.pool import Picked, Pool, in_random_order


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """The records whose sources disagree most first, equals in random order; the others follow, random.

    Query by committee with vote entropy (Dagan and Engelson 1995, "Committee-based sampling for training probabilistic
    classifiers"); the committee are the sources of proposals.
    """

    name: str = "disagreement"
    needs_vectors: bool = False
    needs_scores: bool = False
    needs_opinions: bool = True

    def pick(self, pool: Pool, size: int) -> Picked:
        rows = np.arange(pool.count)
        opinions = pool.opinions
        if opinions is None:
            return in_random_order(rows, size, pool.seed)
        entropies = opinions.entropies()
        mixed = np.random.default_rng(pool.seed).permutation(rows)
        ordered = mixed[np.argsort(-entropies[mixed].round(9), kind="stable")]
        first = ordered[entropies[ordered] > 0][: max(size, 0)]
        told = Picked(
            indices=first,
            scores=entropies[first] / opinions.most_entropy(),
            reasons=tuple(opinions.explain(int(row)) for row in first),
        )
        rest = np.flatnonzero(entropies == 0)
        return told.then(in_random_order(rest, size - len(first), pool.seed))
