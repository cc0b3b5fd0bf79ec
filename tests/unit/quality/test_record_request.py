"""What the address of a list may ask for, and how it is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import UserError
from db.record_filter import RecordFilter, RecordSort
from db.types import RecordStatus, Stage
from workbench.quality.record_request import DEFAULT_SIZE, RecordRequest, read_request


def test_nothing_asked_finds_everything_from_the_first_page() -> None:
    assert read_request({}) == RecordRequest(filter=RecordFilter(), page=1, size=DEFAULT_SIZE)
    assert read_request({"text": "", "status": ""}) == read_request({})


def test_every_parameter_is_read() -> None:
    given = {
        "text": "Платье",
        "id": "17",
        "group": "SKU 1",
        "status": "flagged",
        "category": "обувь",
        "tag": "мягкий",
        "proposed": "посуда",
        "proposed_tag": "тёплый",
        "stage": "zero-shot",
        "settled": "model",
        "source": "llm:x",
        "disagree": "yes",
        "blind": "no",
        "person": "Анна А.",
        "from": "2026-11-01",
        "to": "2026-11-02",
        "sort": "score",
        "order": "down",
        "page": "3",
        "size": "200",
    }
    wanted = RecordFilter(
        text="Платье",
        external_id="17",
        group="SKU 1",
        status=RecordStatus.FLAGGED,
        category="обувь",
        tag="мягкий",
        proposed="посуда",
        proposed_tag="тёплый",
        stage=Stage.ZERO_SHOT,
        settled=Stage.MODEL,
        source="llm:x",
        disagrees=True,
        blind=False,
        person="Анна А.",
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 11, 3, tzinfo=UTC),
        sort=RecordSort.SCORE,
        descending=True,
    )
    assert read_request(given) == RecordRequest(filter=wanted, page=3, size=200)


def test_a_moment_with_its_zone_is_taken_as_it_is() -> None:
    read = read_request({"from": "2026-11-01T00:00:00+03:00", "to": "2026-11-01T12:30:00Z"}).filter
    assert read.since == datetime(2026, 10, 31, 21, tzinfo=UTC)
    assert read.until == datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("colour", "red"),
        ("status", "lost"),
        ("stage", "magic"),
        ("settled", "nobody"),
        ("sort", "id; DROP TABLE records"),
        ("order", "sideways"),
        ("blind", "1"),
        ("disagree", "true"),
        ("page", "0"),
        ("page", "10001"),
        ("page", "²"),
        ("size", "201"),
        ("size", "-1"),
        ("size", "1e2"),
        ("size", "9" * 5000),
        ("from", "yesterday"),
        ("from", "2026-02-30"),
        ("to", "2026-11-01T00:00:00"),
        ("to", "9999-12-31"),
        ("text", "x" * 1001),
        ("text", "\x00"),
        ("person", "\ud800"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(key: str, value: str) -> None:
    with pytest.raises(UserError, match=f"^{key}: ") as caught:
        read_request({key: value})
    assert "\n" not in str(caught.value)


@given(st.dictionaries(st.sampled_from(["text", "status", "from", "to", "page", "size", "sort", "x"]), st.text()))
def test_anything_is_read_or_refused(given: dict[str, str]) -> None:
    with suppress(UserError):
        assert isinstance(read_request(given), RecordRequest)
