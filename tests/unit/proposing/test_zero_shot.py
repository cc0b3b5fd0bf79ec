"""The zero-shot stage: what it asks of a scorer, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from db.project_settings import ProjectSettings
from db.types import Answer, Category, Kind, LabelSet, Project, Tag
from training.zero_shot import Label
from workbench.proposing.availability import zero_shot_unavailable
from workbench.proposing.stage import Item, Lack, Suggestion, Task
from workbench.proposing.zero_shot import ZeroShotStage, labels_of
from workbench.settings import WorkbenchSettings

LABELS = LabelSet(
    (Category("одежда", "платья, кофты"), Category("обувь"), Category("нет товара")),
    {"одежда": (Tag("Мягкий", "приятный на ощупь"), Tag("Тёплый")), "обувь": (Tag("Скользит"),)},
)


@dataclass
class Lengths:
    """A label is the likelier the more of its words' letters the text has; notes what it is asked."""

    name: str = "tiny"
    fingerprint: str = "f1"
    device: str = "cpu"
    asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def one_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> NDArray[np.float64]:
        raw = self._raw("one", texts, labels)
        shares: NDArray[np.float64] = raw / raw.sum(axis=1, keepdims=True)
        return shares

    def each_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> NDArray[np.float64]:
        return self._raw("each", texts, labels)

    def describe(self) -> str:
        return "zero-shot: tiny"

    def _raw(self, how: str, texts: Sequence[str], labels: Sequence[Label]) -> NDArray[np.float64]:
        self.asked.append((how, tuple(texts), tuple(label.words for label in labels)))
        found = [[0.9 if label.words in text else 0.1 for label in labels] for text in texts]
        return np.array(found).reshape(len(texts), len(labels))


def task(kind: Kind, labels: LabelSet = LABELS, **settings: float) -> Task:
    return Task(project=Project(1, "p", kind), labels=labels, settings=ProjectSettings(**settings))  # type: ignore[arg-type]


def items(*texts: str, category: str | None = None) -> list[Item]:
    return [Item(text_key=text, text=text, category=category) for text in texts]


def proposed(stage: ZeroShotStage, asked: Sequence[Item]) -> list[Suggestion]:
    outcomes = [outcome for _, outcome in stage.propose(asked)]
    assert all(isinstance(outcome, Suggestion) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Suggestion)]


def test_a_category_is_asked_by_its_description_and_answered_by_its_name() -> None:
    scorer = Lengths()
    one, other = proposed(ZeroShotStage(task=task(Kind.CATEGORY), scorer=scorer), items("платья, кофты!", "обувь"))
    assert scorer.asked == [("one", ("платья, кофты!", "обувь"), ("платья, кофты", "обувь", "нет товара"))]
    assert (one.answer, other.answer) == (Answer("одежда"), Answer("обувь"))
    assert one.score == one.probabilities["одежда"] == pytest.approx(0.9 / 1.1)
    assert list(one.probabilities) == ["одежда", "обувь", "нет товара"]
    assert sum(one.probabilities.values()) == pytest.approx(1)


def test_tags_are_those_of_the_category_just_chosen_or_known() -> None:
    scorer = Lengths()
    stage = ZeroShotStage(task=task(Kind.BOTH), scorer=scorer)
    asked = [*items("платья, кофты: Тёплый", "обувь: Скользит"), *items("Скользит", category="одежда")]
    clothes, shoes, known = proposed(stage, asked)
    assert clothes.answer == Answer("одежда", ("Тёплый",))
    assert shoes.answer == Answer("обувь", ("Скользит",))
    assert set(clothes.probabilities) == {*LABELS.category_names, "tag:Мягкий", "tag:Тёплый"}
    assert clothes.score == clothes.probabilities["одежда"]
    assert set(known.probabilities) == {*LABELS.category_names, "tag:Мягкий", "tag:Тёплый"}
    # Texts of one category are asked about its tags together.
    assert [(how, len(texts), words) for how, texts, words in scorer.asked[1:]] == [
        ("each", 2, ("приятный на ощупь", "Тёплый")),
        ("each", 1, ("Скользит",)),
    ]


def test_a_project_of_tags_asks_no_category_and_says_nothing_where_there_are_no_tags() -> None:
    stage = ZeroShotStage(task=task(Kind.TAGS), scorer=Lengths())
    ((_, outcome),) = stage.propose(items("обувь", category="нет товара"))
    assert outcome is None
    (suggestion,) = proposed(stage, items("Скользит и Тёплый"))
    assert suggestion.answer == Answer(None, ("Тёплый", "Скользит"))
    assert suggestion.score == 0.9


def test_the_source_names_the_model_and_the_version_follows_what_answers_depend_on() -> None:
    stage = ZeroShotStage(task=task(Kind.BOTH), scorer=Lengths())
    assert (stage.source, stage.note) == ("zero-shot:tiny", "zero-shot: tiny")
    renamed = LabelSet((Category("одежда", "платья"), *LABELS.categories[1:]), LABELS.tags)
    others = [
        ZeroShotStage(task=task(Kind.BOTH), scorer=Lengths(fingerprint="f2")),
        ZeroShotStage(task=task(Kind.BOTH, renamed), scorer=Lengths()),
        ZeroShotStage(task=task(Kind.BOTH, tag_threshold=0.7), scorer=Lengths()),
        ZeroShotStage(task=task(Kind.CATEGORY), scorer=Lengths()),
    ]
    assert len({stage.version, *(other.version for other in others)}) == 5
    assert ZeroShotStage(task=task(Kind.BOTH), scorer=Lengths()).version == stage.version


def test_chunks_are_small_where_there_are_many_labels() -> None:
    many = LabelSet(tuple(Category(f"c{i}") for i in range(128)))
    assert ZeroShotStage(task=task(Kind.CATEGORY, many), scorer=Lengths()).chunk == 2
    assert ZeroShotStage(task=task(Kind.CATEGORY), scorer=Lengths()).chunk == 85
    assert ZeroShotStage(task=task(Kind.CATEGORY), scorer=Lengths(device="cuda")).chunk > 1000
    huge = LabelSet(tuple(Category(f"c{i}") for i in range(1000)))
    assert ZeroShotStage(task=task(Kind.CATEGORY, huge), scorer=Lengths()).chunk == 1


def test_labels_are_counted_by_the_category_that_is_known() -> None:
    both = task(Kind.BOTH)
    assert labels_of(both) == labels_of(both, items("x")[0]) == 3 + (2 + 1 + 0) / 3
    assert labels_of(both, items("x", category="одежда")[0]) == 5
    assert labels_of(task(Kind.TAGS), items("x")[0]) == 3
    assert labels_of(task(Kind.TAGS), items("x", category="обувь")[0]) == 1
    assert labels_of(task(Kind.CATEGORY)) == 3


def test_what_keeps_the_stage_from_running_is_told_in_a_line() -> None:
    nothing = zero_shot_unavailable(task(Kind.CATEGORY), WorkbenchSettings())
    assert nothing is not None
    assert nothing.lack is Lack.ZERO_SHOT
    assert "set WORKBENCH_ZERO_SHOT_MODEL" in nothing.reason
    here = WorkbenchSettings(zero_shot_model=" some/model ")
    assert zero_shot_unavailable(task(Kind.CATEGORY), here) is None
    alone = zero_shot_unavailable(task(Kind.CATEGORY, LabelSet((Category("a"),))), here)
    empty = zero_shot_unavailable(task(Kind.TAGS, LabelSet()), here)
    assert [one.lack for one in (alone, empty) if one] == [Lack.CATEGORIES, Lack.TAGS]
