from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from db.project_settings import ProjectSettings
from db.types import Answer, Category, Kind, LabelSet, Project, Tag
from workbench.proposing.model import Champion, ModelStage
from workbench.proposing.stage import Item, Suggestion, Task

LABELS = LabelSet((Category("одежда"), Category("обувь")), {"обувь": (Tag("скользит"), Tag("тёплый"))})


@dataclass(frozen=True)
class Given:
    category: Sequence[str | None] = (None,)
    confidence: Sequence[float | None] = (None,)
    probabilities: Sequence[Mapping[str, float] | None] = (None,)
    tags: Sequence[Sequence[str] | None] = (None,)
    tag_scores: Sequence[Mapping[str, float] | None] = (None,)

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Given:
        return self


def suggest(kind: Kind, given: Given, category: str | None = None) -> Suggestion | None:
    champion = Champion(name="p", version="7", scorer=given)
    task = Task(project=Project(1, "p", kind), labels=LABELS, settings=ProjectSettings())
    stage = ModelStage(task=task, champion=champion)
    assert (stage.source, stage.version) == ("model:p", "7")
    ((_, found),) = stage.propose([Item(text_key="0", text="t", category=category)])
    assert found is None or isinstance(found, Suggestion)
    return found


def test_a_prediction_becomes_a_proposal_with_all_its_probabilities() -> None:
    given = Given(category=["обувь"], confidence=[0.7], probabilities=[{"обувь": 0.7, "одежда": 0.3}])
    found = suggest(Kind.CATEGORY, given)
    assert found is not None
    assert (found.answer, found.score) == (Answer("обувь"), 0.7)
    assert found.probabilities == {"обувь": 0.7, "одежда": 0.3}


def test_a_label_that_the_project_no_longer_has_is_no_proposal() -> None:
    assert suggest(Kind.CATEGORY, Given(category=["мебель"], confidence=[0.9])) is None
    gone = Given(tags=[["модный"]], tag_scores=[{"модный": 0.9}])
    assert suggest(Kind.TAGS, gone, "обувь") is None


def test_the_score_of_tags_is_that_of_the_least_sure_one() -> None:
    given = Given(tags=[["скользит", "тёплый", "модный"]], tag_scores=[{"скользит": 0.9, "тёплый": 0.6, "модный": 0.5}])
    found = suggest(Kind.TAGS, given, "обувь")
    assert found is not None
    assert found.answer == Answer(None, ("скользит", "тёплый"))
    assert found.score == pytest.approx(0.6)


def test_a_model_of_categories_leaves_tags_unasked() -> None:
    found = suggest(Kind.BOTH, Given(category=["обувь"], confidence=[0.9], probabilities=[{"обувь": 0.9}]))
    assert found is not None
    assert found.answer.tags is None
