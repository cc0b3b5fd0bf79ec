"""How long a model that runs on this machine would take: measured on a few texts, or estimated from its size."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np

from db.errors import UserError
from db.types import Stage
from training.hub import local_config
from training.zero_shot import ScorerKind, UnfitModelError, kind_of, make_scorer
from workbench.proposing.coverage import Coverage
from workbench.proposing.llm.pricing import tokens_of
from workbench.proposing.stage import Item, Task
from workbench.proposing.zero_shot import ZeroShotStage, category_labels, labels_of, tag_labels
from workbench.settings import WorkbenchSettings

LONG_S = 3600.0
# Measuring ends after so long, or so many texts.
_MEASURED_S, _MEASURED_TEXTS = 3.0, 60
# What stands around a label: most of a template, or a mark.
_AROUND, _MARK = 10, 1
_LONGEST = 512
# What an encoder gets of the speed at which this machine multiplies large matrices.
_USED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """`pairs` of a text and a label, `labels` of them for a text on average.

    `seconds` for all, None where nothing tells; on `device`, cpu or cuda; `measured` on so many texts, 0 if estimated
    from the model's size.
    """

    pairs: int
    labels: float
    seconds: float | None = None
    device: str = "cpu"
    measured: int = 0

    @property
    def is_long(self) -> bool:
        return self.seconds is not None and self.seconds > LONG_S


def zero_shot_effort(task: Task, settings: WorkbenchSettings, coverage: Coverage, *, measure: bool) -> Effort:
    """What the zero-shot stage has to do. Nothing is fetched; to `measure`, a model that is here is loaded.

    Raises UnfitModelError if it turns out to have no head.
    """
    counts = [labels_of(task, item) for item in coverage.sample]
    labels = mean(counts) if counts else 0.0
    pairs = round(labels * coverage.open_texts)
    found = _measured(task, settings, coverage.sample) if measure and counts else None
    if found is not None:
        per_text, device, texts = found
        return Effort(pairs=pairs, labels=labels, seconds=per_text * coverage.open_texts, device=device, measured=texts)
    config = local_config(settings.zero_shot_model)
    if config is None:
        return Effort(pairs=pairs, labels=labels)
    at_once = kind_of(settings.zero_shot_model, config) is ScorerKind.GLICLASS
    asked = category_labels(task) or tag_labels(task, None)
    told = mean(tokens_of(label.words) for label in asked) * labels
    sample = estimated_seconds(config, [item.text for item in coverage.sample], labels, told, at_once=at_once)
    seconds = None if sample is None else sample * coverage.open_texts / max(1, len(coverage.sample))
    return Effort(pairs=pairs, labels=labels, seconds=seconds)


def estimated_seconds(
    config: Mapping[str, Any], texts: Sequence[str], labels: float, told: float, *, at_once: bool
) -> float | None:
    """How long a model of this configuration takes on this CPU for texts and as many labels each.

    All labels of a text together have `told` tokens. A model that reads them `at_once` does so behind each text. None
    where the size is not told.
    """
    if (work := work_per_token(config)) is None:
        return None
    read = sum(min(_LONGEST, tokens_of(text)) for text in texts)
    own = len(texts) * (told + labels * (_MARK if at_once else _AROUND))
    tokens = read + own if at_once else read * labels + own
    return tokens * work / (_USED * matrix_speed())


def in_words(seconds: float) -> str:
    """A time as people say it: under a minute, about 5 min, about 3 h."""
    if seconds < 60:
        return "under a minute"
    return f"about {round(seconds / 60)} min" if seconds < 90 * 60 else f"about {round(seconds / 3600)} h"


def effort_line(texts: int, effort: Effort) -> str:
    """Pairs, and for how long where."""
    where = "this GPU" if effort.device == "cuda" else "this CPU"
    how = f"measured on {effort.measured} texts" if effort.measured else "estimated from the model's size"
    if effort.seconds is None:
        time = "for a time that cannot be told: the model is not on this machine yet, or does not say its size"
    else:
        time = f"{in_words(effort.seconds)} on {where}, {how}"
    return f"free; {texts} texts x {effort.labels:.3g} labels = {effort.pairs} pairs, {time}"


def slow_line(stage: Stage, effort: Effort) -> str:
    """A warning, and what would be quicker."""
    quicker = "a smaller model or a GPU is quicker" if effort.device == "cpu" else "a smaller model is quicker"
    return f"warning: {stage.value} would take {in_words(effort.seconds or 0.0)}; {quicker}"


def work_per_token(config: Mapping[str, Any]) -> float | None:
    """Floating-point operations of an encoder's layers for a token; None where its configuration does not tell."""
    inner = config.get("encoder_config") or config
    hidden = inner.get("hidden_size") or inner.get("dim")
    layers = inner.get("num_hidden_layers") or inner.get("n_layers")
    if not isinstance(hidden, int) or not isinstance(layers, int):
        return None
    wide = inner.get("intermediate_size") or inner.get("hidden_dim") or 4 * hidden
    # Four square matrices for the attention, two for what follows it; a multiplication and an addition for each weight.
    return 2.0 * layers * (4 * hidden * hidden + 2 * hidden * wide)


def matrix_speed(side: int = 768) -> float:
    """Floating-point operations a second at which this machine multiplies matrices just now: the best of a few."""
    factor = np.ones((side, side), dtype=np.float32)
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        factor @ factor
        taken.append(time.perf_counter() - start)
    return float(2 * side**3 / min(taken))


def _measured(task: Task, settings: WorkbenchSettings, items: Sequence[Item]) -> tuple[float, str, int] | None:
    """(seconds for a text, device, texts measured); None where the model is not here as a whole."""
    try:
        scorer = make_scorer(settings.zero_shot_model, template=task.settings.hypothesis_template, hub=False)
    except UnfitModelError:
        raise
    except UserError:
        return None
    stage = ZeroShotStage(task=task, scorer=scorer)
    # From anywhere: what lies together is often of one length.
    order = np.random.default_rng(0).permutation(len(items))
    chosen = [items[place] for place in order[:_MEASURED_TEXTS]]
    list(stage.propose(chosen[:1]))  # the first time also warms up
    start, done = time.perf_counter(), 0
    while done < len(chosen) and time.perf_counter() - start < _MEASURED_S:
        # More each time: a few at once take longer each.
        more = max(4, done)
        list(stage.propose(chosen[done : done + more]))
        done = min(len(chosen), done + more)
    return (time.perf_counter() - start) / done, scorer.device, done
