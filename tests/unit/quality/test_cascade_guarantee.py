"""Guarantees of several stages at once, each for what the earlier ones leave to it."""

from __future__ import annotations

from itertools import starmap

import numpy as np
import pytest

from db.types import Stage
from workbench.quality.calibration_rows import JudgedRows
from workbench.quality.cascade_guarantee import budget, check_stages, guarantee_stages, stages_with_proposals

KEYWORDS, MODEL, LLM = Stage.KEYWORDS, Stage.MODEL, Stage.LLM
TARGET, DELTA, DRAWS = 0.9, 0.2, 300


def judged(rows: int, **given: tuple[object, object]) -> JudgedRows:
    """`given` are (scores, right) by stage; stages left out proposed nothing."""
    scores = {stage: np.full(rows, np.nan) for stage in Stage}
    right = {stage: np.zeros(rows, dtype=bool) for stage in Stage}
    for name, (own, judgement) in given.items():
        scores[Stage(name)] = np.broadcast_to(np.asarray(own, dtype=float), rows).copy()
        right[Stage(name)] = np.broadcast_to(np.asarray(judgement, dtype=bool), rows).copy()
    return JudgedRows(rows=rows, scores=scores, right=right)


def test_a_stage_is_judged_by_what_no_earlier_one_settles() -> None:
    sure = np.repeat([0.95, np.nan], [300, 250])
    # Where keywords are sure, the model is always wrong; that is nothing to the model.
    rows = judged(550, keywords=(sure, True), model=(0.7, np.isnan(sure)))
    found = guarantee_stages([KEYWORDS, MODEL], rows, {KEYWORDS: 0.9, MODEL: 0.9}, target=0.95, delta=0.05)
    assert (found[KEYWORDS].threshold, found[KEYWORDS].rows) == (0.95, 300)
    assert (found[MODEL].threshold, found[MODEL].rows, found[MODEL].right) == (0.7, 250, 250)


def test_a_stage_without_a_promise_goes_on_settling_under_its_threshold_in_force() -> None:
    rows = judged(500, keywords=(np.repeat([0.95, np.nan], [150, 350]), True), model=(0.7, True))
    found = guarantee_stages([KEYWORDS, MODEL], rows, {KEYWORDS: 0.9, MODEL: 0.9}, target=0.95, delta=0.05)
    assert (found[KEYWORDS].threshold, found[KEYWORDS].missing) == (None, 50)
    assert found[MODEL].rows == 350


def test_the_check_walks_the_same_way() -> None:
    rows = judged(
        10, keywords=(np.repeat([0.95, 0.5], [4, 6]), [True] * 3 + [False] * 7), llm=(0.8, [True] * 9 + [False])
    )
    found = check_stages([KEYWORDS, LLM], rows, {KEYWORDS: 0.9, LLM: 0.8})
    assert [(found[stage].n, found[stage].right) for stage in (KEYWORDS, LLM)] == [(4, 3), (6, 5)]
    assert 0 < found[LLM].low < 5 / 6 < found[LLM].high < 1


def test_the_budget_is_split_over_stages_that_have_rows_enough_to_be_tested() -> None:
    rows = judged(300, keywords=(np.repeat([0.9, np.nan], [199, 101]), True), model=(0.7, True), llm=(0.8, False))
    assert stages_with_proposals(list(Stage), [rows]) == [KEYWORDS, MODEL, LLM]
    assert budget([KEYWORDS, MODEL, LLM], rows, 0.1) == pytest.approx(0.05)
    assert budget([KEYWORDS], rows, 0.1) == 0.1


def _world(generator: np.random.Generator, rows: int) -> JudgedRows:
    """Two stages that are right on the same texts, because some texts are easy: their errors go together."""
    ease = generator.random(rows)
    given = {}
    for name, noise in (("keywords", 0.25), ("model", 0.15)):
        scores = np.clip(ease + generator.normal(0, noise, rows), 0.01, 0.99)
        given[name] = (scores, generator.random(rows) < np.clip(0.62 + 0.38 * ease + 0.02 * scores, 0, 1))
    return judged(rows, **given)


def test_all_promises_of_a_cascade_together_are_broken_no_more_often_than_said() -> None:
    generator = np.random.default_rng(0)
    stages, current = [KEYWORDS, MODEL], {KEYWORDS: 1.0, MODEL: 1.0}
    population = _world(generator, 100_000)
    broken = promised = 0
    for _ in range(DRAWS):
        rows = _world(generator, 500)
        found = guarantee_stages(stages, rows, current, target=TARGET, delta=budget(stages, rows, DELTA))
        in_force = {stage: one.threshold if one.threshold is not None else 1.0 for stage, one in found.items()}
        checked = check_stages(stages, population, in_force)
        precisions = starmap(_precision, ((checked[s].n, checked[s].right) for s in stages if found[s].threshold))
        broken += any(precision < TARGET for precision in precisions)
        promised += any(one.threshold is not None for one in found.values())
    assert promised > DRAWS / 2
    assert broken / DRAWS <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)


def _precision(n: int, right: int) -> float:
    return right / n if n else 1.0
