from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.project_settings import ProjectSettings
from db.types import Category, Kind, LabelSet, Project, Tag
from workbench.proposing.llm.questionnaire import Questionnaire, turned
from workbench.proposing.llm.questions import Choice, Option, YesNo
from workbench.proposing.llm.rounds import Collected
from workbench.proposing.stage import Item, Rejection, Suggestion, Task

LABELS = LabelSet(
    (Category("одежда", "платья"), Category("обувь")),
    {"одежда": (Tag("Мягкий", "приятен на ощупь"), Tag("Тёплый")), "обувь": (Tag("Скользит"),)},
)


def questionnaire(kind: Kind, labels: LabelSet = LABELS, **settings: object) -> Questionnaire:
    task = Task(project=Project(1, "p", kind), labels=labels, settings=replace(ProjectSettings(), **settings))
    return Questionnaire(task)


def item(category: str | None = None, key: str = "00" * 16) -> Item:
    return Item(text_key=key, text="t", category=category)


def keys(found: list[Choice | YesNo]) -> list[str]:
    return [question.key for question in found]


def test_a_category_is_one_choice_with_the_descriptions_as_criteria() -> None:
    (choice,) = questionnaire(Kind.CATEGORY).first(item(), 0)
    assert isinstance(choice, Choice)
    assert choice.options == (Option("одежда", "платья"), Option("обувь"))


def test_a_known_category_routes_tags_into_the_same_request() -> None:
    asked = questionnaire(Kind.BOTH)
    assert keys(asked.first(item("одежда"), 0)) == ["category", "tag1", "tag2"]
    assert not asked.tags_wait(item("одежда"))


def test_an_unknown_category_is_asked_for_before_its_tags() -> None:
    asked = questionnaire(Kind.BOTH)
    assert keys(asked.first(item(), 0)) == ["category"]
    assert asked.tags_wait(item())


def test_tags_that_all_categories_share_need_not_wait() -> None:
    shared = LabelSet(LABELS.categories, {"": (Tag("Брак"),)})
    asked = questionnaire(Kind.BOTH, shared)
    assert keys(asked.first(item(), 0)) == ["category", "tag1"]


def test_tags_alone_follow_the_records_category() -> None:
    (question,) = questionnaire(Kind.TAGS).first(item("обувь"), 0)
    assert isinstance(question, YesNo)
    assert question.subject == "Скользит"


def test_definitions_are_part_of_a_tags_question() -> None:
    question = questionnaire(Kind.TAGS).first(item("одежда"), 0)[0]
    assert "приятен на ощупь" in question.instructions


def test_votes_are_averaged_and_every_option_kept() -> None:
    votes = [Collected(choices={"category": {"обувь": p, "одежда": 1 - p}}, cost=0.5) for p in (0.9, 0.4)]
    found = questionnaire(Kind.CATEGORY).suggestion(item(), votes)
    assert isinstance(found, Suggestion)
    assert found.answer.category == "обувь"
    assert found.probabilities == pytest.approx({"одежда": 0.35, "обувь": 0.65})
    assert found.score == pytest.approx(0.65)
    assert found.cost == 1.0


def test_votes_for_another_category_have_no_say_in_tags() -> None:
    votes = [
        Collected(choices={"category": {"обувь": 0.9, "одежда": 0.1}}, yes={"tag1": 0.7}),
        Collected(choices={"category": {"обувь": 0.4, "одежда": 0.6}}, yes={"tag1": 0.2, "tag2": 0.9}),
    ]
    found = questionnaire(Kind.BOTH).suggestion(item(), votes)
    assert isinstance(found, Suggestion)
    assert found.answer.tags == ("Скользит",)
    assert found.probabilities["tag:Скользит"] == 0.7


def test_tags_at_the_threshold_are_chosen_likeliest_first() -> None:
    found = questionnaire(Kind.TAGS).suggestion(item("одежда"), [Collected(yes={"tag1": 0.5, "tag2": 0.8})])
    assert isinstance(found, Suggestion)
    assert found.answer.tags == ("Тёплый", "Мягкий")
    assert found.score == 0.5


def test_the_likeliest_tag_stands_in_where_none_reaches_the_threshold() -> None:
    found = questionnaire(Kind.TAGS).suggestion(item("одежда"), [Collected(yes={"tag1": 0.1, "tag2": 0.2})])
    assert isinstance(found, Suggestion)
    assert (found.answer.tags, found.score) == (("Тёплый",), 0.2)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_refusal_is_a_rejection(kind: Kind) -> None:
    assert isinstance(questionnaire(kind).suggestion(item("обувь"), [Collected()]), Rejection)


def test_a_record_whose_category_has_no_tags_gets_none() -> None:
    labels = LabelSet(LABELS.categories, {"одежда": (Tag("Мягкий"),)})
    votes = [Collected(choices={"category": {"обувь": 0.9, "одежда": 0.1}})]
    found = questionnaire(Kind.BOTH, labels).suggestion(item(), votes)
    assert isinstance(found, Suggestion)
    assert found.answer.tags == ()
    assert questionnaire(Kind.TAGS, labels).suggestion(item("обувь"), [Collected()]) is None


@given(size=st.integers(2, 30), key=st.text("0123456789abcdef", min_size=32, max_size=32), votes=st.integers(1, 5))
def test_turning_only_changes_the_order(size: int, key: str, votes: int) -> None:
    options = tuple(Option(str(i)) for i in range(size))
    for vote in range(votes):
        assert sorted(turned(options, key, vote, votes), key=lambda o: int(o.name)) == list(options)


def test_over_many_texts_every_option_comes_first_about_as_often() -> None:
    options = tuple(Option(name) for name in "abcd")
    firsts = Counter(turned(options, f"{i * 2654435761 % 2**32:08x}", 0, 1)[0].name for i in range(4000))
    assert all(900 <= count <= 1100 for count in firsts.values())


def test_the_version_follows_what_is_asked_and_nothing_else() -> None:
    version = questionnaire(Kind.CATEGORY).version
    assert version == questionnaire(Kind.CATEGORY, queue_size=7).version
    recoloured = LabelSet((Category("одежда", "платья", color="#fff"), Category("обувь")), LABELS.tags, version=9)
    assert version == questionnaire(Kind.CATEGORY, recoloured).version
    assert version != questionnaire(Kind.CATEGORY, llm_votes=3).version
    reworded = LabelSet((Category("одежда", "юбки"), Category("обувь")), LABELS.tags)
    assert version != questionnaire(Kind.CATEGORY, reworded).version
