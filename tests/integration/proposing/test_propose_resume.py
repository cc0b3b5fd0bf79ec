from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db.engine import make_engine
from db.errors import UserError
from db.migrate import upgrade
from db.project_settings import ProjectSettings
from db.types import Category, Kind, LabelSet, Project
from workbench.proposing.cascade import run
from workbench.proposing.llm.cache import CachedAsker
from workbench.proposing.llm.questions import Choice, Limits, Question, Reply
from workbench.proposing.llm.stage import LlmStage
from workbench.proposing.stage import Item, Suggestion, Task
from workbench.proposing.stages import Parts
from workbench.settings import LlmApi

ROOT = Path(__file__).resolve().parents[3]
IN_FLIGHT = 8
SCRIPT = """
import sys
from db.engine import make_engine
from workbench.proposing.cascade import run
from workbench.proposing.stages import Parts
from workbench.settings import load_workbench_settings
parts = Parts(settings=load_workbench_settings(), champion=lambda project: None, embedder=None)
run(make_engine(sys.argv[1]), "p", parts=parts, stages=["llm"])
"""


def test_killed_twice_with_9_nothing_is_asked_again_but_what_was_in_flight(
    sqlite: Engine, stub: Any, seeded: Callable[..., Project], home: Path
) -> None:
    seeded(Kind.CATEGORY, [f"отзыв номер {i}" for i in range(150)])
    stub.delay = 0.03
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "WORKBENCH_LLM_BASE_URL": stub.url,
        "WORKBENCH_LLM_MODEL": "stub",
        "WORKBENCH_LLM_API": "chat",
    }
    url = sqlite.url.render_as_string(hide_password=False)
    for _ in range(2):
        before = sum(stub.texts.values())
        child = subprocess.Popen([sys.executable, "-c", SCRIPT, url], env=environment)
        deadline = time.monotonic() + 60
        while sum(stub.texts.values()) < before + 40 and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    time.sleep(2 * stub.delay)
    parts = Parts(settings=stub.settings(LlmApi.CHAT), champion=lambda project: None, embedder=lambda texts: None)
    summary = run(sqlite, "p", parts=parts, stages=["llm"])
    assert summary.settled == 150
    assert len(stub.texts) == 150
    assert sum(stub.texts.values()) - 150 <= 2 * IN_FLIGHT


class Mortal:
    """Answers until it dies, for good."""

    api, model, prompt_version = "test", "m", "1"
    limits = Limits(options=26, questions=10)

    def __init__(self, lives: int, asked: Counter[str], answered: Counter[str]) -> None:
        self.lives, self.asked, self.answered = lives, asked, answered

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        self.asked[text] += 1
        if self.lives == 0:
            raise UserError("dead")
        self.lives -= 1
        self.answered[text] += 1
        (question,) = questions
        assert isinstance(question, Choice)
        return Reply(choices={question.key: {name: 1 / len(question.names) for name in question.names}})

    def close(self) -> None:
        pass


TASK = Task(
    project=Project(1, "p", Kind.CATEGORY),
    labels=LabelSet((Category("a"), Category("b"), Category("c"))),
    settings=ProjectSettings(),
)


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text(max_size=5), unique=True, min_size=1, max_size=20), lives=st.lists(st.integers(0, 12)))
def test_an_answer_is_asked_for_once_however_often_the_asker_dies(texts: list[str], lives: list[int]) -> None:
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    items = [Item(text_key=f"{number:032x}", text=text) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/cache.db")
        upgrade(engine)
        for life in [*lives, len(texts)]:
            cached = CachedAsker(asker=Mortal(life, asked, answered), engine=engine, price=None)
            stage = LlmStage(task=TASK, asker=cached, concurrency=1)
            try:
                outcomes = dict(stage.propose(items))
            except UserError:
                continue
        engine.dispose()
    assert all(isinstance(outcomes[item], Suggestion) for item in items)
    assert set(answered.values()) == {1}
    assert sum(asked.values()) - len(texts) <= len(lives)


@pytest.mark.parametrize("change", ["model", "prompt_version", "api"])
def test_another_model_or_prompt_is_another_question(sqlite: Engine, change: str) -> None:
    asked: Counter[str] = Counter()
    item = Item(text_key="0" * 32, text="t")
    for altered in (False, True):
        asker = Mortal(5, asked, Counter())
        if altered:
            setattr(asker, change, "other")
        stage = LlmStage(task=TASK, asker=CachedAsker(asker=asker, engine=sqlite, price=None), concurrency=1)
        list(stage.propose([item]))
    assert asked["t"] == 2
