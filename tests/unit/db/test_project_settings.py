from __future__ import annotations

from typing import Any

import pytest

from db.errors import UserError
from db.project_settings import KINDS, ProjectSettings, as_texts
from db.setting_kinds import described

GOOD = {
    "blind_share": ("0.25", 0.25),
    "overlap": ("3", 3),
    "strategy": ("margin", "margin"),
    "queue_size": ("10", 10),
    "stages": ("llm, keywords", ["llm", "keywords"]),
    "tag_threshold": ("1", 1.0),
    "by_group": ("yes", True),
    "max_chars": ("50", 50),
    "gate_min_rows": ("1", 1),
    "gate_floor": ("0", 0.0),
    "gate_latency_ms": ("0.5", 0.5),
    "llm_votes": ("5", 5),
    "rationale": ("always", "always"),
    "hypothesis_template": ("Это {label}.", "Это {label}."),
    "threshold.llm": ("0.7", 0.7),
}


@pytest.mark.parametrize(("key", "raw", "value"), [(key, *pair) for key, pair in GOOD.items()])
def test_every_setting_reads_its_value(key: str, raw: str, value: Any) -> None:
    assert KINDS[key](raw) == value


def test_what_is_shown_of_every_setting_can_be_set_again() -> None:
    shown = as_texts(ProjectSettings())
    assert set(shown) == set(KINDS)
    for key, value in shown.items():
        assert KINDS[key](",".join(value) if isinstance(value, list) else str(value)) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("blind_share", "1.1"),
        ("blind_share", "-0.1"),
        ("blind_share", "nan"),
        ("blind_share", "a tenth"),
        ("overlap", "0"),
        ("overlap", "1.5"),
        ("overlap", "-1"),
        ("overlap", ""),
        ("strategy", "best"),
        ("queue_size", "0"),
        ("stages", ""),
        ("stages", "llm,llm"),
        ("stages", "import"),
        ("stages", "llm,magic"),
        ("by_group", "maybe"),
        ("max_chars", "49"),
        ("gate_latency_ms", "0"),
        ("llm_votes", "26"),
        ("rationale", "never"),
        ("threshold.llm", "2"),
        ("hypothesis_template", "{label}" + "x" * 500),
        ("hypothesis_template", "{label}\x00b"),
        ("hypothesis_template", "Это {}."),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_what_it_takes(key: str, raw: str) -> None:
    with pytest.raises(ValueError, match=r"from|one of|true or false|at most|a sentence with"):
        KINDS[key](raw)


def test_a_kind_says_in_figures_what_it_takes() -> None:
    assert described(KINDS["blind_share"]) == {"kind": "number", "low": 0.0, "high": 1.0}
    assert described(KINDS["by_group"]) == {"kind": "switch"}
    assert described(KINDS["rationale"]) == {"kind": "choice", "allowed": ("on-demand", "always")}
    assert {described(kind)["kind"] for kind in KINDS.values()} == {
        "number",
        "whole",
        "choice",
        "switch",
        "ordered",
        "words",
    }


def test_errors_are_not_user_errors_until_the_key_is_known() -> None:
    with pytest.raises(ValueError, match="a number") as caught:
        KINDS["blind_share"]("x")
    assert not isinstance(caught.value, UserError)
