"""Why a record has its label."""

from __future__ import annotations

import pytest

from db.types import Annotation, Answer, Status
from workbench.quality.gold_story import Why, why


def said(*answers: str) -> list[Annotation]:
    """ "анна:A" is an answer, "анна:A!" an adjudication, "анна:-" a skip, "анна:~" takes the one before it back."""
    rows: list[Annotation] = []
    for number, written in enumerate(answers):
        person, label = written.split(":")
        status = {"-": Status.SKIPPED, "~": Status.UNDONE}.get(label, Status.GIVEN)
        status = Status.ADJUDICATED if label.endswith("!") else status
        undoes = rows[-1].client_id if status is Status.UNDONE else None
        answer = Answer(label.rstrip("!")) if status.is_answer else Answer()
        rows.append(Annotation(1, person, status, answer, client_id=str(number), undoes=undoes))
    return rows


@pytest.mark.parametrize(
    ("answers", "overlap", "expected"),
    [
        ([], 1, Why.NOBODY),
        (["анна:-"], 1, Why.NOBODY),
        (["анна:A", "анна:~"], 1, Why.NOBODY),
        (["анна:A"], 1, Why.ONLY),
        (["анна:A"], 3, Why.ONLY),
        (["анна:A", "борис:B"], 1, Why.LATEST),
        (["анна:A", "анна:B"], 2, Why.LATEST),
        (["анна:A", "борис:B", "вера:A!"], 2, Why.ADJUDICATED),
        (["анна:A", "борис:A"], 2, Why.AGREED),
        (["анна:A", "борис:B", "вера:A"], 3, Why.MAJORITY),
        (["анна:A", "борис:B"], 2, Why.TIE),
        (["анна:A", "борис:B"], 3, Why.UNDECIDED),
    ],
)
def test_the_reason_is_that_of_the_rule(answers: list[str], overlap: int, expected: Why) -> None:
    assert why(said(*answers), overlap) is expected
