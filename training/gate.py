"""The gate: may a challenger take the champion's place? Pure; the words are for people.

Both answer the same blind rows, which neither was trained on. Their difference is resampled row by row (paired
bootstrap: Koehn 2004, "Statistical significance tests for machine translation evaluation").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

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

# A category with fewer blind rows than this moves by more than the floor when one row changes.
MIN_SUPPORT = 10


class Verdict(StrEnum):
    PROMOTE = "promote"
    KEEP = "keep"
    UNDECIDED = "undecided"


class Finding(StrEnum):
    """What one task's contest says."""

    BETTER = "better"
    NOT_BETTER = "not better"
    WORSE = "worse"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """`floor`: how much F1 a single label may lose; `confidence`: how probable "better" must be."""

    min_rows: int = 30
    floor: float = 0.1
    latency_ms: float = 200.0
    confidence: float = 0.8


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
        return "micro F1 of tags" if self.truth.ndim == 2 else "weighted F1"

    def statistic(self, answers: Ints | Bools) -> Statistic:
        if self.truth.ndim == 2:
            return micro_f1_statistic(self.truth.astype(bool), answers.astype(bool))
        return weighted_f1_statistic(self.truth.astype(int), answers.astype(int))


@dataclass(frozen=True, kw_only=True)
class GateResult:
    verdict: Verdict
    reasons: tuple[str, ...]


def judge(
    contests: Sequence[Contest], *, latency_ms: float, champion: str | None, rules: GateRules, seed: int = 0
) -> GateResult:
    """The verdict over all tasks of a project: better in one and worse in none, and fast enough.

    `latency_ms` is the challenger's 95th percentile for a single text; `champion` the version in place, None without.
    """
    findings, reasons = [], []
    for contest in contests:
        finding, words = _settle(contest, champion, rules, seed)
        findings.append(finding)
        reasons.extend(words)
    if latency_ms > rules.latency_ms:
        findings.append(Finding.WORSE)
        reasons.append(f"too slow: {latency_ms:.1f} ms a text (95th percentile), {rules.latency_ms:g} ms allowed")
    return GateResult(verdict=_verdict(findings, champion), reasons=tuple(reasons))


def _verdict(findings: Sequence[Finding], champion: str | None) -> Verdict:
    if Finding.WORSE in findings:
        return Verdict.KEEP
    if Finding.BETTER in findings:
        return Verdict.PROMOTE
    nothing_judged = all(finding is Finding.UNJUDGED for finding in findings)
    return Verdict.UNDECIDED if nothing_judged and champion is None else Verdict.KEEP


def _settle(contest: Contest, champion: str | None, rules: GateRules, seed: int) -> tuple[Finding, list[str]]:
    if contest.rows < rules.min_rows:
        held = f"{contest.task}: {contest.rows} blind test rows, {rules.min_rows} needed"
        if champion is None:
            return Finding.UNJUDGED, [f"first model, too few blind rows to judge ({held})"]
        return Finding.UNJUDGED, [f"too few blind rows to judge against version {champion} ({held})"]
    if contest.champion is None:
        return _against(contest, contest.prior, "always answering the most frequent", rules, seed)
    finding, reasons = _against(contest, contest.champion, f"version {champion}", rules, seed)
    losses = _losses(contest, rules.floor)
    return (Finding.WORSE if losses else finding), reasons + losses


def _against(
    contest: Contest, answers: Ints | Bools, name: str, rules: GateRules, seed: int
) -> tuple[Finding, list[str]]:
    challenger, other = contest.statistic(contest.challenger), contest.statistic(answers)
    draws = [resampled(s, contest.rows, clusters=contest.clusters, seed=seed) for s in (challenger, other)]
    ours, theirs = once(challenger, contest.rows), once(other, contest.rows)
    better = probability_better(draws[0], draws[1])
    low, high = interval(draws[0] - draws[1])
    words = (
        f"{contest.task}: {contest.measure} {ours:.3f} against {theirs:.3f} ({name}) on the same {contest.rows} "
        f"blind rows: {ours - theirs:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, "
        f"better with probability {better:.0%}"
    )
    if better >= rules.confidence:
        return Finding.BETTER, [words]
    finding = Finding.WORSE if better <= 1 - rules.confidence else Finding.NOT_BETTER
    return finding, [f"{words} ({rules.confidence:.0%} needed)"]


def probability_better(ours: NDArray[np.floating], theirs: NDArray[np.floating]) -> float:
    """The share of paired replicates in which we win; an equal one counts half."""
    return float((ours > theirs).mean() + (ours == theirs).mean() / 2)


def _losses(contest: Contest, floor: float) -> list[str]:
    """One line for every label with enough blind rows that would lose more than `floor` of its F1."""
    assert contest.champion is not None
    ours, support = _label_f1(contest, contest.challenger)
    theirs, _ = _label_f1(contest, contest.champion)
    lost = np.flatnonzero((support >= MIN_SUPPORT) & (theirs - ours > floor))
    return [
        f"{contest.task} {contest.names[i]!r} would fall from F1 {theirs[i]:.2f} to {ours[i]:.2f} on {support[i]} "
        f"rows; at most {floor:g} may be lost"
        for i in lost
    ]


def _label_f1(contest: Contest, answers: Ints | Bools) -> tuple[NDArray[np.float64], Ints]:
    truth, said = contest.truth, answers
    if truth.ndim == 1:
        places = np.arange(len(contest.names))
        truth, said = truth[:, None] == places, said[:, None] == places
    hits, asked, given = (truth & said).sum(axis=0), truth.sum(axis=0), said.sum(axis=0)
    return 2 * hits / np.maximum(asked + given, 1), asked
