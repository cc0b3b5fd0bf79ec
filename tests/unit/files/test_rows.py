from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest

from workbench.files.rows import as_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (math.nan, ""),
        ("x", "x"),
        (5, "5"),
        (5.0, "5"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (True, "True"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"),
        ([1, "я"], '[1, "я"]'),
        ({"a": None}, '{"a": null}'),
        ("я".encode(), "я"),
        (b"\xff", "\udcff"),
    ],
)
def test_a_cell_reads_as_a_person_would_write_it(value: object, text: str) -> None:
    assert as_text(value) == text
