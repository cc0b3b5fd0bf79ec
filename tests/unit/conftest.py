"""A registry in memory with models that answer by a rule, so that serving is tested without training."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.types import Kind, LabelSet, Project
from training.bundle import Answered
from workbench.serving.models import ModelUnavailableError

CATALOGUE = {"shoes": ["warm", "light"], "bags": ["light"]}


@dataclass(frozen=True, kw_only=True)
class FakePrediction:
    category: str | None = None
    confidence: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    tag_scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class FakePredictor:
    """Says "shoes" of a text with "boot" in it and "bags" of any other; tags "warm" and "light" where they are named.

    Sure of long texts only: 0.9 against 0.6 under ten characters. `gate` holds answers back until it is set.
    """

    version: str
    gate: threading.Event | None = None
    label_set: LabelSet = field(default_factory=lambda: parse_label_set({"tags": CATALOGUE}))
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def predict(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> list[FakePrediction]:
        self.asked.append(tuple(texts))
        if self.gate is not None and not texts[0].startswith("warm up"):
            assert self.gate.wait(10)
        return [self._one(text, 0.5 if threshold is None else threshold) for text in texts]

    def answer(
        self,
        texts: Sequence[str],
        categories: Sequence[str | None] | None = None,
        threshold: float | None = None,
    ) -> Answered:
        labels, tags = ("shoes", "bags"), ("warm", "light")
        answers = self.predict(texts, categories, threshold)
        return Answered(
            labels=labels,
            probabilities=np.array([[a.probabilities[label] for label in labels] for a in answers]),
            tag_names=tags,
            tag_scores=np.array([[a.tag_scores[tag] for tag in tags] for a in answers]),
            chosen=np.array([[tag in a.tags for tag in tags] for a in answers]),
        )

    def _one(self, text: str, threshold: float) -> FakePrediction:
        sure = 0.9 if len(text) >= 10 else 0.6
        category, other = ("shoes", "bags") if "boot" in text else ("bags", "shoes")
        scores = {tag: 0.8 if tag in text else 0.1 for tag in ("warm", "light")}
        return FakePrediction(
            category=category,
            confidence=sure,
            probabilities={category: sure, other: 1 - sure},
            tags=tuple(tag for tag, score in scores.items() if score >= threshold),
            tag_scores=scores,
        )


class FakeModels:
    """`champions` maps a project to the version behind its alias; `faults` a version to why it cannot be loaded."""

    def __init__(self) -> None:
        self.champions: dict[str, str] = {}
        self.faults: dict[str, str] = {}
        self.silent = False
        self.gates: dict[str, threading.Event] = {}
        self.loaded: list[tuple[str, str]] = []

    def champion_version(self, project: Project) -> str | None:
        if self.silent:
            raise ModelUnavailableError("the registry does not answer")
        return self.champions.get(project.name)

    def load(self, project: Project, version: str) -> FakePredictor:
        self.loaded.append((project.name, version))
        if version in self.faults:
            raise ModelUnavailableError(self.faults[version])
        return FakePredictor(version=version, gate=self.gates.get(version))


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


@pytest.fixture
def predictor() -> FakePredictor:
    return FakePredictor(version="7")


@pytest.fixture
def goods(engine: Engine) -> Project:
    """A project of categories with the labels that the fake model gives."""
    return _project(engine, "goods", Kind.CATEGORY)


@pytest.fixture
def tagged(engine: Engine) -> Project:
    """A project of tags whose catalogue has a section for each category."""
    return _project(engine, "tagged", Kind.TAGS)


def _project(engine: Engine, name: str, kind: Kind) -> Project:
    definition = {"categories": ["shoes", "bags"]} if kind is Kind.CATEGORY else {"tags": CATALOGUE}
    with writing(engine) as session:
        project = create_project(session, name, kind)
        save_label_set(session, project, parse_label_set(definition))
    return project
