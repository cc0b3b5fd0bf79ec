from __future__ import annotations

import pytest

from db.reasons import Reason
from training.gate_words import in_words, lines_of


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            Reason("few_rows_first", {"task": "category", "rows": 3, "needed": 30}),
            "first model, too few blind rows to judge (category: 3 blind test rows, 30 needed)",
        ),
        (
            Reason(
                "compared_unsure",
                {
                    "task": "tags", "measure": "micro_f1", "ours": 0.71249, "theirs": 0.7, "version": "3", "rows": 120,
                    "difference": 0.01249, "low": -0.02, "high": 0.05, "better": 0.634, "confidence": 0.8,
                },
            ),
            "tags: micro F1 of tags 0.712 against 0.700 (version 3) on the same 120 blind rows: +0.012, 95 % interval "
            "-0.020 to +0.050, better with probability 63% (80% needed)",
        ),
        (
            Reason(
                "loss",
                {"task": "category", "label": "{rows}", "before": 0.5, "after": 0.25, "rows": 12, "floor": 0.1},
            ),
            "category '{rows}' would fall from F1 0.50 to 0.25 on 12 rows; at most 0.1 may be lost",
        ),
        (
            Reason("slow", {"latency": 500.04, "allowed": 200.0}),
            "too slow: 500.0 ms a text (95th percentile), 200 ms allowed",
        ),
        (Reason.of_words("{as} written"), "{as} written"),
        (Reason("of_tomorrow", {"n": 1}), "of_tomorrow {'n': 1}"),
    ],
)  # fmt: skip
def test_a_reason_in_english(reason: Reason, words: str) -> None:
    assert in_words(reason) == words
    assert lines_of([reason]) == [words]
