from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from db.project_settings import ProjectSettings
from db.types import Answer, Category, Kind, LabelSet, Project, Tag
from workbench.proposing.corpus import Corpus, Example
from workbench.proposing.similarity import (
    DEFAULT_TEMPERATURE,
    SimilarityStage,
    build,
    fitted_temperature,
    prototypes,
    softmax,
)
from workbench.proposing.stage import Item, Suggestion, Task, Unavailable


class BagOfWords:
    """Every word a random direction of its own; nothing of words with digits in them."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace(".", " ").replace(",", " ").split():
                if word.isalpha():
                    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
                    rows[row] += np.random.default_rng(seed).standard_normal(64).astype(np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)

    def describe(self) -> str:
        return "embedder: bag of words"


LABELS = LabelSet(
    (Category("одежда", "платье юбка"), Category("обувь", keywords=("туфли",))),
    {"одежда": (Tag("мягкий"), Tag("тёплый")), "обувь": (Tag("скользит"),)},
)


def task(kind: Kind) -> Task:
    return Task(project=Project(1, "p", kind), labels=LABELS, settings=ProjectSettings())


def stage(kind: Kind, *examples: Example) -> SimilarityStage:
    built = build(task(kind), BagOfWords(), Corpus(texts=("t",), examples=examples))
    assert isinstance(built, SimilarityStage)
    return built


def suggest(text: str, kind: Kind, *examples: Example, category: str | None = None) -> Suggestion | None:
    ((_, found),) = stage(kind, *examples).propose([Item(text_key="0", text=text, category=category)])
    assert found is None or isinstance(found, Suggestion)
    return found


def test_a_text_goes_to_the_label_whose_words_it_shares() -> None:
    found = suggest("туфли жмут", Kind.CATEGORY)
    assert found is not None
    assert found.answer.category == "обувь"
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


def test_a_description_alone_does_not_settle_a_record() -> None:
    found = suggest("туфли", Kind.CATEGORY)
    assert found is not None
    assert found.score < ProjectSettings().thresholds[SimilarityStage.stage] + 0.19
    assert found.score < 0.99


def test_examples_pull_a_label_towards_them() -> None:
    example = Example(item=Item(text_key="1", text="каблук сломался"), answer=Answer("обувь"))
    before, after = suggest("каблук", Kind.CATEGORY), suggest("каблук", Kind.CATEGORY, example)
    assert before is not None
    assert after is not None
    assert after.probabilities["обувь"] > before.probabilities["обувь"]


def test_a_text_the_embedder_knows_nothing_of_gets_no_proposal() -> None:
    assert suggest("12345 678", Kind.BOTH) is None


def test_tags_come_from_the_catalogue_of_the_category() -> None:
    found = suggest("скользит скользит", Kind.TAGS, category="обувь")
    assert found is not None
    assert found.answer.tags == ("скользит",)
    assert set(found.probabilities) == {"tag:скользит"}


def test_the_version_follows_what_was_learnt() -> None:
    example = Example(item=Item(text_key="1", text="каблук"), answer=Answer("обувь"))
    assert stage(Kind.CATEGORY).version == stage(Kind.CATEGORY).version
    assert stage(Kind.CATEGORY).version != stage(Kind.CATEGORY, example).version


def test_one_category_is_nothing_to_choose_from() -> None:
    single = Task(project=Project(1, "p", Kind.CATEGORY), labels=LabelSet((Category("a"),)), settings=ProjectSettings())
    assert isinstance(build(single, BagOfWords(), Corpus(texts=("t",), examples=())), Unavailable)


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=12), st.floats(0.01, 1))
def test_softmax_is_a_distribution_in_the_order_of_nearness(values: list[float], temperature: float) -> None:
    shares = softmax(np.array(values, dtype=np.float32), temperature)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[int(np.argmax(values))] == shares.max()


def test_the_temperature_is_fitted_only_on_enough_examples_and_separable_ones_sharpen_it() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(2, 16, dtype=np.float32)
    truth = np.arange(80) % 2
    rows = centres[truth] + rng.normal(0, 0.05, (80, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert fitted_temperature(centres, rows[:10], truth[:10]) == DEFAULT_TEMPERATURE
    assert fitted_temperature(centres, rows, truth) < DEFAULT_TEMPERATURE
    shuffled = rng.permutation(truth)
    assert fitted_temperature(centres, rows, shuffled) > fitted_temperature(centres, rows, truth)


def test_examples_of_labels_that_are_gone_are_left_out() -> None:
    own = np.eye(2, 4, dtype=np.float32)
    found = prototypes(own, np.ones((1, 4), dtype=np.float32) / 2, np.array([-1]))
    np.testing.assert_allclose(found, own)
