from __future__ import annotations

import pytest

from db.annotation_log import standing, wants_people
from db.types import Annotation, Answer, Status


def did(person: str, status: Status, client_id: str = "", undoes: str | None = None) -> Annotation:
    return Annotation(1, person, status, Answer("A"), client_id=client_id or person, undoes=undoes)


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.CORRECTED, Status.GIVEN])
def test_a_record_wants_as_many_people_as_the_overlap_says(status: Status) -> None:
    assert wants_people([], 1)
    assert not wants_people([did("ann", status)], 1)
    assert wants_people([did("ann", status)], 2)
    assert wants_people([did("ann", status, "1"), did("ann", status, "2")], 2)
    assert not wants_people([did("ann", status), did("bob", status)], 2)


def test_a_skip_leaves_the_record_to_others() -> None:
    assert wants_people([did("ann", Status.SKIPPED)], 1)


@pytest.mark.parametrize("status", [Status.FLAGGED, Status.ADJUDICATED])
def test_a_flag_or_an_adjudication_closes_the_record_whatever_the_overlap(status: Status) -> None:
    assert not wants_people([did("ann", status)], 5)


def test_an_undone_answer_opens_the_record_again() -> None:
    log = [did("ann", Status.GIVEN, "1"), did("ann", Status.UNDONE, "2", undoes="1")]
    assert wants_people(log, 1)
    assert standing(log) == []


def test_undoing_an_undoing_does_not_bring_the_answer_back() -> None:
    log = [did("ann", Status.GIVEN, "1"), did("ann", Status.UNDONE, "2", "1"), did("ann", Status.UNDONE, "3", "2")]
    assert standing(log) == []
