"""A contest: a challenger and a champion on the same blind rows, which neither was trained on. Pure.

Their difference is resampled row by row (paired bootstrap: Koehn 2004, "Statistical significance tests for machine
translation evaluation").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.model_versions import Figure, LabelScore, TaskContest
from training.evaluation import (
    Bools,
    Ints,
    Statistic,
    interval,
    micro_f1_statistic,
    once,
    resampled,
    weighted_f1_statistic,
)


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One task on the n blind rows. Categories are places in `names`, (n,); tags are (n, k) yes/no over `names`.

    `prior` is what knowing only the label frequencies would answer; `clusters` (n,) marks rows that belong together.
    """

    task: str
    names: tuple[str, ...]
    truth: Ints | Bools
    challenger: Ints | Bools
    champion: Ints | Bools | None
    prior: Ints | Bools
    clusters: Ints

    @property
    def rows(self) -> int:
        return len(self.truth)

    @property
    def measure(self) -> str:
        return "micro_f1" if self.truth.ndim == 2 else "weighted_f1"

    def statistic(self, answers: Ints | Bools) -> Statistic:
        if self.truth.ndim == 2:
            return micro_f1_statistic(self.truth.astype(bool), answers.astype(bool))
        return weighted_f1_statistic(self.truth.astype(int), answers.astype(int))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models on the same rows; `better` is how probable it is that ours is the better one."""

    ours: Figure
    theirs: Figure
    difference: Figure
    better: float


def pair_of(contest: Contest, answers: Ints | Bools, seed: int) -> Pair:
    """The challenger against `answers`; needs a row."""
    statistics = [contest.statistic(said) for said in (contest.challenger, answers)]
    ours, theirs = (once(statistic, contest.rows) for statistic in statistics)
    draws = [resampled(s, contest.rows, clusters=contest.clusters, seed=seed) for s in statistics]
    return Pair(
        ours=_figure(ours, draws[0]),
        theirs=_figure(theirs, draws[1]),
        difference=_figure(ours - theirs, draws[0] - draws[1]),
        better=probability_better(draws[0], draws[1]),
    )


def _figure(value: float, replicates: NDArray[np.floating]) -> Figure:
    low, high = interval(replicates)
    return Figure(value=value, low=low, high=high)


def probability_better(ours: NDArray[np.floating], theirs: NDArray[np.floating]) -> float:
    """The share of paired replicates in which we win; an equal one counts half."""
    return float((ours > theirs).mean() + (ours == theirs).mean() / 2)


def report(contest: Contest, champion: str | None, *, seed: int = 0) -> TaskContest:
    """The contest in figures, to be kept and shown, however few its rows are; labels that nobody used are left out."""
    theirs = None if champion is None else contest.champion
    found = TaskContest(
        task=contest.task,
        measure=contest.measure,
        rows=contest.rows,
        against="" if theirs is None else str(champion),
        labels=tuple(_label_scores(contest)),
    )
    if not contest.rows:
        return found
    pair = pair_of(contest, contest.prior if theirs is None else theirs, seed)
    return replace(found, ours=pair.ours, theirs=pair.theirs, difference=pair.difference)


def _label_scores(contest: Contest) -> Iterator[LabelScore]:
    ours, support = label_f1(contest, contest.challenger)
    theirs = None if contest.champion is None else label_f1(contest, contest.champion)[0]
    for place, name in enumerate(contest.names):
        if support[place] or _is_said(contest, place):
            yield LabelScore(
                name=name,
                support=int(support[place]),
                ours=float(ours[place]),
                theirs=None if theirs is None else float(theirs[place]),
            )


def _is_said(contest: Contest, place: int) -> bool:
    answers = [said for said in (contest.challenger, contest.champion) if said is not None]
    return any(bool((said == place).any() if said.ndim == 1 else said[:, place].any()) for said in answers)


def label_f1(contest: Contest, answers: Ints | Bools) -> tuple[NDArray[np.float64], Ints]:
    """(F1, support) of every label, both (k,); a label that nobody used has 0."""
    truth, said = contest.truth, answers
    if truth.ndim == 1:
        places = np.arange(len(contest.names))
        truth, said = truth[:, None] == places, said[:, None] == places
    hits, asked, given = (truth & said).sum(axis=0), truth.sum(axis=0), said.sum(axis=0)
    return 2 * hits / np.maximum(asked + given, 1), asked
