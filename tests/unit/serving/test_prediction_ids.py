from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import UserError
from db.text_keys import text_key
from db.types import Answer
from workbench.serving.prediction_ids import issue_ids, read_id

answers = st.builds(
    Answer, st.none() | st.text(max_size=20), st.none() | st.lists(st.text(max_size=10), max_size=4).map(tuple)
)


def _issue(answer: Answer, text: str = "boots", project: str = "goods", version: str = "7") -> str:
    return issue_ids(project, version, [text], [answer])[0]


def test_an_id_carries_the_version_and_the_text_and_fits_its_column() -> None:
    issued = _issue(Answer("shoes"))
    read = read_id("goods", issued)
    assert (read.version, read.text_key) == ("7", text_key("boots"))
    assert len(_issue(Answer("shoes"), version="9" * 12)) <= 128


def test_two_predictions_of_one_text_have_different_ids() -> None:
    assert len(set(issue_ids("goods", "7", ["boots"] * 50, [Answer("shoes")] * 50))) == 50


@given(answers, answers)
def test_an_id_matches_the_answer_it_was_given_for_and_no_other(predicted: Answer, given_: Answer) -> None:
    def same(one: Answer, two: Answer) -> bool:
        return one.category == two.category and (one.tags is None, set(one.tags or ())) == (
            two.tags is None,
            set(two.tags or ()),
        )

    assert read_id("goods", _issue(predicted)).matches(given_) == same(predicted, given_)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda issued: "",
        lambda issued: issued[:-1],
        lambda issued: issued + "0",
        lambda issued: issued.replace("7-", "8-", 1),
        lambda issued: issued.upper() + "\n",
        lambda issued: f" {issued}",
        lambda issued: "x" * 10_000,
        lambda issued: "٧" + issued[1:],
    ],
)
def test_a_spoilt_id_is_refused_by_name(spoil) -> None:
    with pytest.raises(UserError, match="prediction_id"):
        read_id("goods", spoil(_issue(Answer("shoes"))))


def test_an_id_of_another_project_is_refused() -> None:
    with pytest.raises(UserError, match="'bills'"):
        read_id("bills", _issue(Answer("shoes")))
