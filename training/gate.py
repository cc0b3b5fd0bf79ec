"""The gate: may a challenger take the champion's place? Pure; `gate_words` says its reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from db.reasons import Reason, Value
from training.contest import Contest, label_f1, pair_of
from training.evaluation import Bools, Ints

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
class GateResult:
    verdict: Verdict
    reasons: tuple[Reason, ...]


def judge(
    contests: Sequence[Contest], *, latency_ms: float, champion: str | None, rules: GateRules, seed: int = 0
) -> GateResult:
    """The verdict over all tasks of a project: better in one and worse in none, and fast enough.

    `latency_ms` is the challenger's 95th percentile for a single text; `champion` the version in place, None without.
    """
    findings: list[Finding] = []
    reasons: list[Reason] = []
    for contest in contests:
        finding, said = _settle(contest, champion, rules, seed)
        findings.append(finding)
        reasons.extend(said)
    if latency_ms > rules.latency_ms:
        findings.append(Finding.WORSE)
        reasons.append(Reason("slow", {"latency": latency_ms, "allowed": rules.latency_ms}))
    return GateResult(verdict=_verdict(findings, champion), reasons=tuple(reasons))


def _verdict(findings: Sequence[Finding], champion: str | None) -> Verdict:
    if Finding.WORSE in findings:
        return Verdict.KEEP
    if Finding.BETTER in findings:
        return Verdict.PROMOTE
    nothing_judged = all(finding is Finding.UNJUDGED for finding in findings)
    return Verdict.UNDECIDED if nothing_judged and champion is None else Verdict.KEEP


def _settle(contest: Contest, champion: str | None, rules: GateRules, seed: int) -> tuple[Finding, list[Reason]]:
    if contest.rows < rules.min_rows:
        values: dict[str, Value] = {"task": contest.task, "rows": contest.rows, "needed": rules.min_rows}
        if champion is None:
            return Finding.UNJUDGED, [Reason("few_rows_first", values)]
        return Finding.UNJUDGED, [Reason("few_rows", {**values, "version": champion})]
    if contest.champion is None or champion is None:
        return _against(contest, contest.prior, "", rules, seed)
    finding, reasons = _against(contest, contest.champion, champion, rules, seed)
    losses = _losses(contest, rules.floor)
    return (Finding.WORSE if losses else finding), reasons + losses


def _against(
    contest: Contest, answers: Ints | Bools, version: str, rules: GateRules, seed: int
) -> tuple[Finding, list[Reason]]:
    """`version` is whose answers they are; "" for those of knowing the frequencies only."""
    pair = pair_of(contest, answers, seed)
    found = Reason(
        "compared" if version else "compared_commonest",
        {
            "task": contest.task,
            "measure": contest.measure,
            "ours": pair.ours.value,
            "theirs": pair.theirs.value,
            "version": version,
            "rows": contest.rows,
            "difference": pair.difference.value,
            "low": pair.difference.low,
            "high": pair.difference.high,
            "better": pair.better,
        },
    )
    if pair.better >= rules.confidence:
        return Finding.BETTER, [found]
    finding = Finding.WORSE if pair.better <= 1 - rules.confidence else Finding.NOT_BETTER
    unsure = Reason(f"{found.code}_unsure", {**found.values, "confidence": rules.confidence})
    return finding, [unsure]


def _losses(contest: Contest, floor: float) -> list[Reason]:
    """One reason for every label with enough blind rows that would lose more than `floor` of its F1."""
    assert contest.champion is not None
    ours, support = label_f1(contest, contest.challenger)
    theirs, _ = label_f1(contest, contest.champion)
    lost = np.flatnonzero((support >= MIN_SUPPORT) & (theirs - ours > floor))
    return [
        Reason(
            "loss",
            {
                "task": contest.task,
                "label": contest.names[i],
                "before": float(theirs[i]),
                "after": float(ours[i]),
                "rows": int(support[i]),
                "floor": floor,
            },
        )
        for i in lost
    ]
