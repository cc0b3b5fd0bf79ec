"""Opinions against people's blind answers: each source, their majority and Dawid–Skene on the same records. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.model_versions import Figure
from training.evaluation import (
    Statistic,
    accuracy_statistic,
    interval,
    macro_f1_statistic,
    resampled,
    weighted_f1_statistic,
)
from training.opinions import NONE, Consensus, Floats, Ints, chosen, majority

# A source that speaks about fewer of the answered records would leave hardly any to compare all on.
LEAST_SPOKEN = 0.5
_STATISTICS = (accuracy_statistic, weighted_f1_statistic, macro_f1_statistic)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Against people's answers, each with its 95 % interval."""

    accuracy: Figure
    weighted_f1: Figure
    macro_f1: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """`answered` records have two opinions or more and a blind answer; all are compared on `rows` of them: those about
    which every source speaks but those of `left_out`, which speak about fewer than half. `gain` is the weighted F1 of
    Dawid–Skene less that of the majority, resampled in pairs: where it is below 0, the estimate is not to be relied on.
    """

    answered: int
    rows: int
    left_out: tuple[str, ...]
    sources: dict[str, Judgement]
    majority: Judgement
    dawid_skene: Judgement
    gain: Figure


def judge(
    found: Consensus, sources: Sequence[str], *, votes: Ints, truth: Ints, together: Sequence[str]
) -> Judged | None:
    """`votes` (n, m) and people's answers `truth` (n,) on the same records; those `together` alike are resampled
    together. None where no record is left to compare on.

    Majority and Dawid–Skene use the votes of all sources, also of those left out.
    """
    several = (votes != NONE).sum(axis=1) >= 2
    spoken = votes[several] != NONE
    kept = spoken.mean(axis=0) >= LEAST_SPOKEN if len(spoken) else np.zeros(len(sources), dtype=bool)
    rows = np.flatnonzero(several)[spoken[:, kept].all(axis=1)]
    if not kept.any() or not len(rows):
        return None
    votes, truth = votes[rows], truth[rows]
    clusters = np.unique(np.array(together, dtype=object)[rows].astype(str), return_inverse=True)[1]
    by_majority = chosen(majority(votes, len(found.prior)), found.prior)
    estimated = chosen(found.of(votes), found.prior)
    judgements, gains = judgements_of(truth, [*votes[:, kept].T, by_majority, estimated], clusters)
    return Judged(
        answered=int(several.sum()),
        rows=len(rows),
        left_out=tuple(name for name, stays in zip(sources, kept, strict=True) if not stays),
        sources=dict(zip(np.array(sources, dtype=object)[kept], judgements[:-2], strict=True)),
        majority=judgements[-2],
        dawid_skene=judgements[-1],
        gain=gains[-2],
    )


def judgements_of(truth: Ints, said: Sequence[Ints], clusters: Ints) -> tuple[list[Judgement], list[Figure]]:
    """Everybody's answers (n,) against the truth (n,); and the weighted F1 of the last less that of each.

    Intervals are by the bootstrap over `clusters` (n,), on the same draws for all; needs a row.
    """
    statistics = [make(truth, answers) for answers in said for make in _STATISTICS]
    both = _stacked(statistics)
    values, draws = both(np.ones((1, len(truth))))[0], resampled(both, len(truth), clusters=clusters)
    figures = [_figure(value, drawn) for value, drawn in zip(values, draws.T, strict=True)]
    size = len(_STATISTICS)
    weighted, drawn = values[1::size], draws.T[1::size]
    return (
        [Judgement(*figures[start : start + size]) for start in range(0, len(figures), size)],
        [_figure(weighted[-1] - one, drawn[-1] - draw) for one, draw in zip(weighted, drawn, strict=True)],
    )


def _stacked(statistics: Sequence[Statistic]) -> Statistic:
    """All of them on the same row weights (b, n): (b, s)."""
    return lambda weights: np.stack([statistic(weights) for statistic in statistics], axis=1)


def _figure(value: float, draws: Floats) -> Figure:
    low, high = interval(draws)
    return Figure(value=float(value), low=low, high=high)
