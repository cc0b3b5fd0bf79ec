"""Agreement between sources of labels."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from workbench.quality.agreement import agreement, between_people, cohens_kappa, count_pairs, tag_agreement

labels = st.sampled_from("abc")
tag_sets = st.frozensets(st.sampled_from("abcd"))


@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=40))
def test_kappa_is_cohens(pairs: list[tuple[str, str]]) -> None:
    found = cohens_kappa(Counter(pairs))
    if len({label for pair in pairs for label in pair}) == 1:
        assert found is None
    else:
        one, other = zip(*pairs, strict=True)
        assert found == pytest.approx(cohen_kappa_score(one, other))


@given(st.lists(st.tuples(labels, labels), max_size=40))
def test_agreement_is_the_same_both_ways(pairs: list[tuple[str, str]]) -> None:
    assert agreement(Counter(pairs)) == agreement(Counter((other, one) for one, other in pairs))


def test_without_records_there_is_nothing_to_say() -> None:
    assert agreement({}).share is None
    assert agreement({}).kappa is None
    assert tag_agreement({}).jaccard is None


def test_tags_agree_by_what_they_share() -> None:
    found = tag_agreement({(frozenset("ab"), frozenset("bc")): 1, (frozenset("a"), frozenset("a")): 1})
    assert found.jaccard == pytest.approx((1 / 3 + 1) / 2)
    assert found.micro_f1 == pytest.approx(2 * 2 / 6)
    assert found.exact == 0.5
    assert found.n == 2


@given(st.dictionaries(st.tuples(tag_sets, tag_sets), st.integers(1, 5), max_size=8))
def test_scores_of_tags_lie_between_0_and_1(pairs: dict[tuple[frozenset[str], frozenset[str]], int]) -> None:
    found = tag_agreement(pairs)
    assert 0 <= found.low <= (found.jaccard or 0) <= found.high <= 1
    assert 0 <= (found.micro_f1 or 0) <= 1
    assert (found.exact or 0) <= (1 if found.jaccard is None else found.jaccard) + 1e-12


def test_people_are_compared_on_what_both_labelled() -> None:
    found = between_people({"b": {1: "x", 2: "y", 3: "x"}, "a": {1: "x", 2: "x"}, "c": {9: "x"}})
    assert list(found) == [("a", "b")]
    assert found["a", "b"].n == 2
    assert found["a", "b"].share == 0.5
    assert count_pairs({1: "x"}, {2: "x"}) == {}
