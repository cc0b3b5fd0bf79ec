"""Several sources' votes on the same records → one soft label each, and how far each source can be believed. Pure.

Votes are integers (n records, m sources): places in the labels, -1 where a source said nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]

NONE = -1
MOST_ITERATIONS = 500
# What an iteration must add to the log-likelihood, per record, for another one to be worth while.
TOLERANCE = 1e-7


@dataclass(frozen=True, kw_only=True)
class Consensus:
    """What Dawid–Skene finds.

    `probabilities` (n, k) of each record's label; `prior` (k,), the share of each label; `confusion` (m, k, k): the
    probability that a source says the column where the row is true. `objectives` is the log-likelihood plus the
    logarithm of the priors' density, up to a constant, after each iteration: it never falls.
    """

    probabilities: Floats
    prior: Floats
    confusion: Floats
    objectives: tuple[float, ...]

    @property
    def iterations(self) -> int:
        return len(self.objectives)

    def of(self, votes: Ints) -> Floats:
        """Probabilities (n, k) for other votes (n, m) of the same sources; without votes they are the prior."""
        joint = np.log(self.prior) + _said(votes, len(self.prior)).T @ _by_vote(np.log(self.confusion))
        return _normalised(joint)[0]


def majority(votes: Ints, labels: int) -> Floats:
    """The share of each label among a record's votes, (n, k); a record without any has the share among all votes."""
    counts = np.stack([(votes == label).sum(axis=1) for label in range(labels)], axis=1).astype(float)
    overall = counts.sum(axis=0) if counts.any() else np.ones(labels)
    counts[~counts.any(axis=1)] = overall
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def dawid_skene(
    votes: Ints,
    labels: int,
    *,
    weights: Floats | None = None,
    tolerance: float = TOLERANCE,
    most_iterations: int = MOST_ITERATIONS,
) -> Consensus:
    """Labels and confusion matrices by expectation maximisation, begun from the majority; the same every time.

    Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM algorithm", with priors:
    each source is taken to have been seen with each label twice before, once right and once with a vote spread evenly
    over all labels, and each label once. So a source is believed a little from the start, nothing is impossible, and
    labels cannot change places. `weights` (n,) count the records that each row stands for.

    Sources are taken to err independently of one another: those who learnt from the same teacher do not, and the
    estimate is then too sure of what they agree on.
    """
    rows, place = np.unique(votes, axis=0, return_inverse=True)
    # Records with the same votes have the same label, so only different rows are worked on.
    mass = np.bincount(place.ravel(), weights=weights, minlength=len(rows)).astype(float)
    said = _said(rows, labels)
    belief, found = majority(rows, labels), []
    belief[(rows == NONE).all(axis=1)] = 1 / labels
    while True:
        prior, confusion = _maximised(belief * mass[:, None], said, rows.shape[1])
        belief, evidence = _normalised(np.log(prior) + said.T @ _by_vote(np.log(confusion)))
        found.append(float(mass @ evidence) + _log_density(prior, confusion))
        gain = found[-1] - found[-2] if len(found) > 1 else np.inf
        if gain <= tolerance * max(mass.sum(), 1.0) or len(found) >= most_iterations:
            break
    return Consensus(probabilities=belief[place.ravel()], prior=prior, confusion=confusion, objectives=tuple(found))


def chosen(probabilities: Floats, prior: Floats) -> Ints:
    """The most probable label of each record, (n,); between equal ones the more frequent by `prior` (k,)."""
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - 1e-9
    return np.where(best, prior, -1.0).argmax(axis=1)


def expected_votes(votes: Ints, probabilities: Floats, weights: Floats | None = None) -> Floats:
    """How many votes each source has given to each label (column) where the row is true, as believed: (m, k, k)."""
    mass = probabilities if weights is None else probabilities * weights[:, None]
    return _by_source(_said(votes, probabilities.shape[1]) @ mass, votes.shape[1])


def _said(votes: Ints, labels: int) -> sparse.csr_array:
    """Ones (m · k, n) where a source gave a label."""
    from scipy import sparse

    row, source = np.nonzero(votes != NONE)
    cells = source * labels + votes[row, source]
    return sparse.csr_array((np.ones(len(row)), (cells, row)), shape=(votes.shape[1] * labels, len(votes)))


def _by_vote(confusion: Floats) -> Floats:
    """(m, k true, k said) → (m · k said, k true)."""
    return np.ascontiguousarray(confusion.transpose(0, 2, 1)).reshape(-1, confusion.shape[1])


def _by_source(counts: Floats, sources: int) -> Floats:
    """(m · k said, k true) → (m, k true, k said)."""
    labels = counts.shape[1]
    return np.asarray(counts).reshape(sources, labels, labels).transpose(0, 2, 1)


def _maximised(mass: Floats, said: sparse.csr_array, sources: int) -> tuple[Floats, Floats]:
    labels = mass.shape[1]
    prior = mass.sum(axis=0) + 1
    confusion = _by_source(said @ mass, sources) + _seen_before(labels)
    return prior / prior.sum(), confusion / confusion.sum(axis=2, keepdims=True)


def _seen_before(labels: int) -> Floats:
    return np.asarray(np.eye(labels) + 1 / labels)


def _log_density(prior: Floats, confusion: Floats) -> float:
    return float(np.log(prior).sum() + (np.log(confusion) * _seen_before(len(prior))).sum())


def _normalised(joint: Floats) -> tuple[Floats, Floats]:
    """Logarithms (n, k) → probabilities that add up to 1, and the logarithm of what each row added up to."""
    highest = joint.max(axis=1, keepdims=True)
    powers = np.exp(joint - highest)
    total = powers.sum(axis=1, keepdims=True)
    return np.asarray(powers / total), (highest + np.log(total))[:, 0]
