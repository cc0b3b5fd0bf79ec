"""The gate's reasons in English words; the pages say the same codes in their reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.reasons import WORDS, Reason, Value

TASKS: Mapping[str, str] = {"category": "category", "tags": "tags"}
MEASURES: Mapping[str, str] = {"weighted_f1": "weighted F1", "micro_f1": "micro F1 of tags"}
_ON_THE_SAME = (
    "on the same {rows} blind rows: {difference}, 95 % interval {low} to {high}, better with probability {better}"
)
_AGAINST = "{task}: {measure} {ours} against {theirs} (version {version}) " + _ON_THE_SAME
_AGAINST_COMMONEST = "{task}: {measure} {ours} against {theirs} (always answering the most frequent) " + _ON_THE_SAME
WORDING: Mapping[str, str] = {
    "few_rows_first": ("first model, too few blind rows to judge ({task}: {rows} blind test rows, {needed} needed)"),
    "few_rows": (
        "too few blind rows to judge against version {version} ({task}: {rows} blind test rows, {needed} needed)"
    ),
    "compared": _AGAINST,
    "compared_unsure": _AGAINST + " ({confidence} needed)",
    "compared_commonest": _AGAINST_COMMONEST,
    "compared_commonest_unsure": _AGAINST_COMMONEST + " ({confidence} needed)",
    "loss": ("{task} '{label}' would fall from F1 {before} to {after} on {rows} rows; at most {floor} may be lost"),
    "slow": "too slow: {latency} ms a text (95th percentile), {allowed} ms allowed",
    "not_loaded": "version {version} cannot be loaded, so it was not compared: {error}",
    "went_back": "back to version {version} from version {before_version}",
    WORDS: "{text}",
}
_FORMATS: Mapping[str, str] = {
    **dict.fromkeys(("ours", "theirs"), ".3f"),
    **dict.fromkeys(("difference", "low", "high"), "+.3f"),
    **dict.fromkeys(("better", "confidence"), ".0%"),
    **dict.fromkeys(("before", "after"), ".2f"),
    **dict.fromkeys(("floor", "allowed"), "g"),
    "latency": ".1f",
}


def shown(name: str, value: Value) -> str:
    """A value of a reason as English words show it: as many digits as can be relied on."""
    return str(value) if isinstance(value, str) else format(value, _FORMATS.get(name, ""))


def in_words(reason: Reason) -> str:
    """One line. A code that this version does not know is shown as it is, with its values."""
    if reason.code not in WORDING:
        return f"{reason.code} {dict(reason.values)}"
    values = {name: shown(name, value) for name, value in reason.values.items()}
    values |= {"task": TASKS.get(values.get("task", ""), ""), "measure": MEASURES.get(values.get("measure", ""), "")}
    return WORDING[reason.code].format_map(values)


def lines_of(reasons: Sequence[Reason]) -> list[str]:
    return [in_words(reason) for reason in reasons]
