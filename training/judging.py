"""A bundle against the blind test rows: what it scores, how well its confidence is calibrated, and who would win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.bundle import Answered, Bundle
from training.calibration import SMALLEST, expected_calibration_error, reliability
from training.contest import Contest
from training.evaluation import (
    Bools,
    Ints,
    category_report,
    confusion,
    interval,
    micro_f1_statistic,
    resampled,
    tags_report,
    weighted_f1_statistic,
)
from training.pictures import confusion_picture, reliability_picture
from training.recipes.base import HeldOut
from training.snapshot import Snapshot, Split, Task
from training.tag_choice import choose_tags, indicator, tune_threshold

if TYPE_CHECKING:
    from pandas import DataFrame

TEST = "test"
_TIMED_TEXTS = 50


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`metrics` by name, `tables` (per-class reports) and `pictures` (matplotlib Figures) by name without an ending."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, list[Any]]] = field(default_factory=dict)
    pictures: Mapping[str, Any] = field(default_factory=dict)

    def __or__(self, other: Judgement) -> Judgement:
        return Judgement(
            metrics={**self.metrics, **other.metrics},
            tables={**self.tables, **other.tables},
            pictures={**self.pictures, **other.pictures},
        )


def known_categories(rows: DataFrame) -> list[str | None]:
    return [None if value != value else value for value in rows["record_category"]]


def ask(bundle: Bundle, rows: DataFrame) -> Answered:
    """The bundle's answers to the rows of a snapshot."""
    return bundle.answer(rows["text"].tolist(), known_categories(rows))


def judge_on_test(bundle: Bundle, snapshot: Snapshot) -> Judgement:
    """Scores on the blind test rows, under names that begin with "test_"; empty where there are none."""
    judgement = Judgement(metrics={"test_rows": float((snapshot.rows["split"] == Split.TEST.value).sum())})
    for task in bundle.heads:
        rows = snapshot.labelled(task, Split.TEST)
        if len(rows):
            answered = ask(bundle, rows)
            judgement |= _judge(task, rows, answered, TEST, snapshot)
    return judgement


def judge_held_out(task: Task, labels: Sequence[str], held_out: HeldOut, snapshot: Snapshot) -> Judgement:
    """The same on rows that a recipe kept from itself while training, under names that say so."""
    rows = snapshot.training(task).set_index("id", drop=False).loc[list(held_out.ids)]
    if task is Task.CATEGORY:
        answered = Answered(labels=tuple(labels), probabilities=held_out.probabilities)
    else:
        answered = Answered(tag_names=tuple(labels), tag_scores=held_out.probabilities, chosen=held_out.chosen)
    return _judge(task, rows, answered, held_out.how, snapshot)


def contest(task: Task, snapshot: Snapshot, challenger: Bundle, champion: Bundle | None) -> Contest:
    """Both models' answers on the blind test rows, for the gate."""
    rows = snapshot.labelled(task, Split.TEST)
    answers = [ask(b, rows) if b is not None and task in b.heads else None for b in (challenger, champion)]
    names = _names(task, rows, snapshot, [a for a in answers if a is not None])
    truth = _truth(task, rows, names)
    ours, theirs = (None if a is None else _said(task, a, names) for a in answers)
    assert ours is not None
    groups = [key if group != group else group for key, group in zip(rows["text_key"], rows["group"], strict=True)]
    return Contest(
        task=task.value,
        names=names,
        truth=truth,
        challenger=ours,
        champion=theirs,
        prior=_prior(task, rows, snapshot, names),
        clusters=np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)[1],
    )


def single_latency_ms(bundle: Bundle, snapshot: Snapshot) -> float:
    """The 95th percentile of the time that one text alone takes, in milliseconds."""
    texts = snapshot.rows["text"].head(_TIMED_TEXTS).tolist()
    bundle.answer(texts[:1])
    times = []
    for text in texts:
        started = perf_counter()
        bundle.answer([text])
        times.append((perf_counter() - started) * 1000)
    return float(np.percentile(times, 95))


def _judge(task: Task, rows: DataFrame, answered: Answered, prefix: str, snapshot: Snapshot) -> Judgement:
    names = _names(task, rows, snapshot, [answered])
    truth, said = _truth(task, rows, names), _said(task, answered, names)
    if task is Task.CATEGORY:
        return _judge_category(truth, said, answered, names, prefix)
    return _judge_tags(truth, said, answered, names, prefix)


def _judge_category(truth: Ints, said: Ints, answered: Answered, names: tuple[str, ...], prefix: str) -> Judgement:
    assert answered.confidences is not None
    report = category_report(truth, said, names)
    low, high = interval(resampled(weighted_f1_statistic(truth, said), len(truth)))
    correct, sure = truth == said, answered.confidences
    metrics = {
        "rows": float(report.rows),
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "weighted_f1": report.weighted_f1,
        "weighted_f1_low": low,
        "weighted_f1_high": high,
        "calibration_error": expected_calibration_error(sure, correct),
        "log_loss": float(-np.log(_probability_of(truth, answered, names)).mean()),
    }
    bins = reliability(sure, correct)
    return Judgement(
        metrics={f"{prefix}_{name}": value for name, value in metrics.items()},
        tables={f"{prefix}_category_report": _columns([asdict(c) for c in report.classes])},
        pictures={
            f"{prefix}_confusion_matrix": confusion_picture(*_shown(confusion(truth, said, len(names)), names)),
            f"{prefix}_calibration_curve": reliability_picture(bins),
        },
    )


def _judge_tags(truth: Bools, said: Bools, answered: Answered, names: tuple[str, ...], prefix: str) -> Judgement:
    assert answered.tag_scores is not None
    scores = _columns_of(answered.tag_scores, answered.tag_names, names, np.nan)
    report = tags_report(truth, said, scores, names)
    low, high = interval(resampled(micro_f1_statistic(truth, said), len(truth)))
    offered = ~np.isnan(scores)
    metrics = {
        "rows": float(report.rows),
        "micro_f1": report.micro_f1,
        "micro_f1_low": low,
        "micro_f1_high": high,
        "macro_f1": report.macro_f1,
        "precision_at_3": report.precision_at_3,
        "recall_at_3": report.recall_at_3,
        "exact_match": report.exact_match,
        # Of a yes/no answer the probability itself is compared with how often it was yes.
        "calibration_error": expected_calibration_error(scores[offered], truth[offered]),
    }
    return Judgement(
        metrics={f"{prefix}_tags_{name}": value for name, value in metrics.items()},
        tables={f"{prefix}_tags_report": _columns([asdict(c) for c in report.classes])},
        pictures={
            f"{prefix}_tags_calibration_curve": reliability_picture(reliability(scores[offered], truth[offered]))
        },
    )


def _names(task: Task, rows: DataFrame, snapshot: Snapshot, answers: Sequence[Answered]) -> tuple[str, ...]:
    """Every label that the label set, the models or the people know, each once."""
    if task is Task.CATEGORY:
        names = [
            *snapshot.label_set.category_names,
            *(n for a in answers for n in a.labels),
            *sorted(set(rows["category"])),
        ]
    else:
        names = [*snapshot.label_set.tag_names(None), *(n for a in answers for n in a.tag_names)]
        names += sorted({tag for tags in rows["tags"] for tag in tags})
    return tuple(dict.fromkeys(names))


def _truth(task: Task, rows: DataFrame, names: tuple[str, ...]) -> Any:
    if task is Task.TAGS:
        return indicator(rows["tags"], names)
    return _places(rows["category"].tolist(), names)


def _said(task: Task, answered: Answered, names: tuple[str, ...]) -> Any:
    if task is Task.TAGS:
        assert answered.chosen is not None
        return _columns_of(answered.chosen, answered.tag_names, names, False)
    return _places(answered.categories or (), names)


def _prior(task: Task, rows: DataFrame, snapshot: Snapshot, names: tuple[str, ...]) -> Any:
    """What knowing the frequencies among the training labels would answer, by known category for tags."""
    training = snapshot.training(task)
    if task is Task.CATEGORY:
        commonest = Counter(training["category"]).most_common(1)[0][0]
        return np.full(len(rows), names.index(commonest))
    truth = indicator(training["tags"], names)
    sections, wanted = training["record_category"].fillna(""), rows["record_category"].fillna("")
    shares = {section: truth[(sections == section).to_numpy()].mean(axis=0) for section in set(sections)}
    fallback = truth.mean(axis=0)
    threshold = tune_threshold(np.stack([shares[s] for s in sections]), truth)
    return choose_tags(np.stack([shares.get(s, fallback) for s in wanted]).reshape(len(rows), len(names)), threshold)


def _places(values: Sequence[str], names: tuple[str, ...]) -> NDArray[np.int64]:
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[value] for value in values], dtype=np.int64)


def _columns_of(values: Any, own: Sequence[str], names: tuple[str, ...], missing: Any) -> Any:
    """Columns (n, t) over `own` as (n, k) over `names`."""
    wide = np.full((len(values), len(names)), missing, dtype=values.dtype)
    wide[:, _places(own, names)] = values
    return wide


def _probability_of(truth: Ints, answered: Answered, names: tuple[str, ...]) -> NDArray[np.float64]:
    assert answered.probabilities is not None
    wide = _columns_of(answered.probabilities, answered.labels, names, 0.0)
    return np.maximum(wide[np.arange(len(truth)), truth], SMALLEST)


def _shown(counts: Ints, names: tuple[str, ...]) -> tuple[Ints, list[str]]:
    """Without the labels that neither people nor the model used."""
    used = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    return counts[np.ix_(used, used)], [names[place] for place in used]


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
