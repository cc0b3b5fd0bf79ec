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
    once,
    resampled,
    weighted_f1_statistic,
)
from training.opinions import NONE, Consensus, Ints, chosen, majority

# A source that speaks about fewer of the answered records would leave hardly any to compare all on.
LEAST_SPOKEN = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
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
    return Judged(
        answered=int(several.sum()),
        rows=len(rows),
        left_out=tuple(name for name, stays in zip(sources, kept, strict=True) if not stays),
        sources={
            name: judgement(truth, votes[:, place], clusters) for place, name in enumerate(sources) if kept[place]
        },
        majority=judgement(truth, by_majority, clusters),
        dawid_skene=judgement(truth, estimated, clusters),
        gain=gain(truth, estimated, by_majority, clusters),
    )


def judgement(truth: Ints, said: Ints, clusters: Ints) -> Judgement:
    """Answers (n,) against the truth (n,), with intervals by the bootstrap over `clusters` (n,); needs a row."""
    return Judgement(
        accuracy=_figure(accuracy_statistic(truth, said), clusters),
        weighted_f1=_figure(weighted_f1_statistic(truth, said), clusters),
        macro_f1=_figure(macro_f1_statistic(truth, said), clusters),
    )


def gain(truth: Ints, ours: Ints, theirs: Ints, clusters: Ints) -> Figure:
    """The weighted F1 of our answers less that of theirs, on the same resampled rows."""
    statistics = [weighted_f1_statistic(truth, said) for said in (ours, theirs)]
    one, other = (resampled(statistic, len(clusters), clusters=clusters) for statistic in statistics)
    low, high = interval(one - other)
    return Figure(value=once(statistics[0], len(truth)) - once(statistics[1], len(truth)), low=low, high=high)


def _figure(statistic: Statistic, clusters: Ints) -> Figure:
    low, high = interval(resampled(statistic, len(clusters), clusters=clusters))
    return Figure(value=once(statistic, len(clusters)), low=low, high=high)
