"""How far two sources of labels agree. Pure; tables of pairs are counts by (one's label, the other's label)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from training.intervals import Z95, wilson

Label = TypeVar("Label", bound=Hashable)
Tags = frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Share of `n` records with the same label, its 95 % interval, and kappa; None where there is nothing to say."""

    n: int
    share: float | None
    low: float
    high: float
    kappa: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagAgreement:
    """Mean Jaccard index of `n` records with its 95 % interval, micro-F1, and the share of equal sets."""

    n: int
    jaccard: float | None
    low: float
    high: float
    micro_f1: float | None
    exact: float | None


def agreement(pairs: Mapping[tuple[Label, Label], int]) -> Agreement:
    """Raw agreement with Wilson's interval and Cohen's kappa; against gold, the share is the source's accuracy."""
    n = sum(pairs.values())
    same = sum(count for (one, other), count in pairs.items() if one == other)
    low, high = wilson(same, n)
    return Agreement(n=n, share=same / n if n else None, low=low, high=high, kappa=cohens_kappa(pairs))


def cohens_kappa(pairs: Mapping[tuple[Label, Label], int]) -> float | None:
    """Agreement beyond chance (Cohen 1960); None where chance alone would agree always, or there are no pairs."""
    n = sum(pairs.values())
    ones: Counter[Label] = Counter()
    others: Counter[Label] = Counter()
    for (one, other), count in pairs.items():
        ones[one] += count
        others[other] += count
    # In whole numbers, so that "always" is told exactly from "almost always".
    chance = sum(count * others[label] for label, count in ones.items())
    if chance == n * n:
        return None
    same = sum(count for (one, other), count in pairs.items() if one == other)
    return (same * n - chance) / (n * n - chance)


def tag_agreement(pairs: Mapping[tuple[Tags, Tags], int]) -> TagAgreement:
    """Two empty sets agree wholly (Jaccard index 1)."""
    n = sum(pairs.values())
    if not n:
        return TagAgreement(n=0, jaccard=None, low=0.0, high=1.0, micro_f1=None, exact=None)
    scored = [(jaccard(one, other), count) for (one, other), count in pairs.items()]
    mean = sum(score * count for score, count in scored) / n
    spread = sum(count * (score - mean) ** 2 for score, count in scored) / max(n - 1, 1)
    half = Z95 * math.sqrt(spread / n) if n > 1 else 1.0
    shared = sum(len(one & other) * count for (one, other), count in pairs.items())
    given = sum((len(one) + len(other)) * count for (one, other), count in pairs.items())
    return TagAgreement(
        n=n,
        jaccard=mean,
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
        micro_f1=2 * shared / given if given else None,
        exact=sum(count for (one, other), count in pairs.items() if one == other) / n,
    )


def jaccard(one: Tags, other: Tags) -> float:
    union = one | other
    return len(one & other) / len(union) if union else 1.0


def count_pairs(one: Mapping[int, Label], other: Mapping[int, Label]) -> Counter[tuple[Label, Label]]:
    """Pairs of labels on the records that both have."""
    return Counter((one[record], other[record]) for record in one.keys() & other.keys())


def between_people(labels: Mapping[str, Mapping[int, Label]]) -> dict[tuple[str, str], Agreement]:
    """Agreement of every two people on the records both labelled, from labels by person and record id."""
    found = {
        (one, other): agreement(count_pairs(labels[one], labels[other]))
        for one, other in combinations(sorted(labels), 2)
    }
    return {people: result for people, result in found.items() if result.n}
