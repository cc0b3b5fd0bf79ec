from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.annotation_log import standing
from db.gold import resolve
from db.types import Annotation, Answer, Gold, Status

quick = settings(derandomize=True, deadline=None, max_examples=150)


def says(person: str, category: str | None = "A", **more: object) -> Annotation:
    status = more.pop("status", Status.GIVEN)
    tags = more.pop("tags", None)
    return Annotation(record_id=1, person=person, status=status, answer=Answer(category, tags), **more)  # type: ignore[arg-type]


def category(gold: Gold | None) -> str | None:
    return None if gold is None else gold.answer.category


def test_nothing_said_is_no_gold() -> None:
    assert resolve([]) is None
    assert resolve([says("ann", status=Status.SKIPPED), says("bob", status=Status.FLAGGED)]) is None


def test_with_an_overlap_of_one_the_latest_answer_holds_whoever_gave_it() -> None:
    assert category(resolve([says("ann", "A"), says("bob", "B")])) == "B"


def test_adjudication_wins_over_later_answers_at_any_overlap() -> None:
    log = [says("ann", "A"), says("eve", "C", status=Status.ADJUDICATED), says("bob", "B"), says("ann", "B")]
    assert category(resolve(log)) == "C"
    assert category(resolve(log, overlap=3)) == "C"


def test_the_latest_of_two_adjudications_holds() -> None:
    log = [says("eve", "A", status=Status.ADJUDICATED), says("kim", "B", status=Status.ADJUDICATED)]
    assert category(resolve(log, overlap=2)) == "B"


def test_the_majority_counts_each_persons_latest_answer_once() -> None:
    log = [says("ann", "A"), says("ann", "A"), says("bob", "B"), says("cat", "B")]
    gold = resolve(log, overlap=3)
    assert category(gold) == "B"
    assert gold is not None
    assert gold.annotators == ("ann", "bob", "cat")
    assert gold.agreement == pytest.approx(2 / 3)


def test_a_tie_waits_for_adjudication() -> None:
    assert resolve([says("ann", "A"), says("bob", "B")], overlap=2) is None
    assert category(resolve([says("ann", "A"), says("bob", "B"), says("cat", "A"), says("dan", "C")], overlap=4)) == "A"


def test_tags_are_voted_on_one_by_one_and_a_tied_tag_waits() -> None:
    votes = [("a", "b"), ("a",), ("a", "c")]
    gold = resolve([says(f"p{i}", None, tags=tags) for i, tags in enumerate(votes)], overlap=3)
    assert gold is not None
    assert gold.answer.tags == ("a",)
    assert resolve([says("ann", None, tags=("a",)), says("bob", None, tags=())], overlap=2) is None


def test_two_who_give_the_same_tags_in_another_order_agree() -> None:
    gold = resolve([says("ann", None, tags=("a", "b")), says("bob", None, tags=("b", "a"))], overlap=2)
    assert gold is not None
    assert gold.agreement == 1.0


def test_tags_come_from_those_who_gave_the_category_that_won() -> None:
    votes = [("X", ("a",)), ("X", ("a",)), ("Y", ("t",)), ("Z", ("t",)), ("W", ("t",))]
    gold = resolve([says(f"p{i}", c, tags=tags) for i, (c, tags) in enumerate(votes)], overlap=5)
    assert gold is not None
    assert gold.answer == Answer("X", ("a",))


def test_no_tags_is_an_answer_too() -> None:
    gold = resolve([says("ann", None, tags=())])
    assert gold is not None
    assert gold.answer.tags == ()


def test_undone_answers_do_not_count_and_the_one_before_holds_again() -> None:
    log = [says("ann", "A", client_id="1"), says("ann", "B", client_id="2")]
    undo = Annotation(record_id=1, person="ann", status=Status.UNDONE, client_id="3", undoes="2")
    assert category(resolve([*log, undo])) == "A"


def test_an_answer_undone_and_given_again_is_what_it_was() -> None:
    first = says("ann", "A", client_id="1")
    undo = Annotation(record_id=1, person="ann", status=Status.UNDONE, client_id="2", undoes="1")
    again = replace(first, client_id="3")
    assert resolve([first, undo]) is None
    assert resolve([first, undo, again]) == resolve([first])


def test_blind_only_leaves_assisted_answers_out_even_adjudicated_ones() -> None:
    log = [says("ann", "A", blind=True), says("bob", "B"), says("eve", "C", status=Status.ADJUDICATED)]
    gold = resolve(log, blind_only=True)
    assert category(gold) == "A"
    assert gold is not None
    assert gold.blind
    whole = resolve(log)
    assert whole is not None
    assert not whole.blind


people = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("XYZ")), min_size=1, max_size=8)


@quick
@given(people, st.randoms(use_true_random=False))
def test_above_an_overlap_of_one_the_order_of_different_people_does_not_matter(votes: list, random: object) -> None:
    latest = list(dict(votes).items())
    shuffled = latest.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (resolve([says(p, c) for p, c in order], overlap=3) for order in (latest, shuffled))
    assert (category(one), one and one.agreement) == (category(other), other and other.agreement)


@quick
@given(people)
def test_an_undoing_takes_out_exactly_the_row_it_names(votes: list) -> None:
    log = [says(person, choice, client_id=str(n)) for n, (person, choice) in enumerate(votes)]
    for gone in log:
        undo = Annotation(record_id=1, person=gone.person, status=Status.UNDONE, client_id="u", undoes=gone.client_id)
        assert standing([*log, undo]) == [a for a in log if a is not gone]
