"""What several sources say about each candidate of a queue, as a matrix, and how far they disagree. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.opinions import NONE, Ints
from workbench.queues import reasons


@dataclass(frozen=True, kw_only=True)
class Opinions:
    """Votes (n candidates, m sources) are places in `labels`, -1 for none."""

    votes: Ints
    labels: Sequence[str]
    sources: Sequence[str]

    def entropies(self) -> NDArray[np.float64]:
        """Of the shares of a candidate's votes, in nats, (n,): 0 where nobody disagrees."""
        given = np.maximum((self.votes != NONE).sum(axis=1), 1)
        found = np.zeros(len(self.votes))
        # Each vote brings the logarithm of how many of them are like it: no matrix as wide as there are labels.
        for column in self.votes.T:
            like = (self.votes == column[:, None]).sum(axis=1)
            found += np.where(column != NONE, np.log(given / np.maximum(like, 1)) / given, 0.0)
        return found

    def most_entropy(self) -> float:
        """What the entropy would be if all sources spoke and no two of them agreed; 1 where they could only agree."""
        different = min(len(self.sources), len(self.labels))
        return float(np.log(different)) if different > 1 else 1.0

    def explain(self, row: int) -> str:
        """The two labels with most votes, each with its sources."""
        votes = self.votes[row]
        places, counts = np.unique(votes[votes != NONE], return_counts=True)
        first, second = places[np.argsort(-counts, kind="stable")][:2].tolist()
        return reasons.disagreement(*self._said(votes, first), *self._said(votes, second))

    def _said(self, votes: Ints, label: int) -> tuple[str, list[str]]:
        return self.labels[label], [self.sources[place] for place in np.flatnonzero(votes == label).tolist()]


def opinions_on(keys: Sequence[Hashable], said: Iterable[tuple[Hashable, str, str]]) -> Opinions:
    """Opinions on what these keys name, in their order, from (key, source, label) about anything."""
    rows = {key: row for row, key in enumerate(keys)}
    known = [(rows[key], source, label) for key, source, label in said if key in rows]
    sources = sorted({source for _, source, _ in known})
    labels = sorted({label for *_, label in known})
    votes = np.full((len(rows), len(sources)), NONE)
    columns, places = ({name: at for at, name in enumerate(names)} for names in (sources, labels))
    for row, source, label in known:
        votes[row, columns[source]] = places[label]
    return Opinions(votes=votes, labels=labels, sources=sources)
