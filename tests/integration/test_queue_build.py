"""Queues built from a real database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.leases import lease
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.queues import QueueItem, count_open, current_queue, queue_items
from db.records import add_record, iterate_records
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Record, Status
from training.embedding_cache import EmbeddingCache
from workbench.queues.build import build_queue, next_items

PROJECT = "отзывы"
COLOURS = ("красное", "синее", "белое", "чёрное", "зелёное")
THINGS = ("платье", "пальто", "кольцо", "бельё", "кресло")


@dataclass
class Guess:
    """A champion's scores: the longer the text, the surer it is."""

    texts: Sequence[str]
    categories: Sequence[str] = ("одежда", "прочее")
    tags: Sequence[str] = ()
    tag_scores: None = None

    @property
    def probabilities(self) -> np.ndarray:
        sure = np.array([0.5 + min(len(text), 100) / 250 for text in self.texts])
        return np.stack([sure, 1 - sure], axis=1)


@dataclass
class Champion:
    version: str = "3"
    seen: list[str] = field(default_factory=list)

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Guess:
        assert len(texts) == len(categories)
        self.seen.extend(texts)
        return Guess(texts)


@pytest.fixture
def embeddings(home: Path) -> EmbeddingCache:
    return EmbeddingCache(folder=home / "data" / "embeddings")


@pytest.fixture
def project(engine: Engine) -> Engine:
    """Two hundred different texts, a twin of the first three, a fifth of them in the blind stream."""
    with writing(engine) as session:
        made = create_project(session, PROJECT, Kind.CATEGORY)
        set_setting(session, made, "blind_share", "0.2")
        for number in range(200):
            text = f"{COLOURS[number % 5]} {THINGS[number // 5 % 5]} размер {number}"
            add_record(session, made, external_id=f"r{number}", text=text)
        for number in range(3):
            text = f"{COLOURS[number % 5]}  {THINGS[0].upper()} размер {number}"
            add_record(session, made, external_id=f"twin{number}", text=text)
    return engine


def records_of(engine: Engine) -> list[Record]:
    with reading(engine) as session:
        return [r for batch in iterate_records(session, get_project(session, PROJECT)) for r in batch]


def items_of(engine: Engine) -> list[QueueItem]:
    with reading(engine) as session:
        queue = current_queue(session, get_project(session, PROJECT))
        assert queue is not None
        return queue_items(session, queue.id, 10_000, only_open=False)


def act(engine: Engine, record_ids: Sequence[int], status: Status, person: str = "анна") -> None:
    answer = Answer("одежда") if status.is_answer else Answer()
    with writing(engine) as session:
        annotations = [Annotation(record_id=i, person=person, status=status, answer=answer) for i in record_ids]
        save_annotations(session, get_project(session, PROJECT), annotations)


def test_every_text_is_queued_once_with_the_blind_stream_spread_evenly(
    project: Engine, embeddings: EmbeddingCache
) -> None:
    summary = build_queue(project, PROJECT, embeddings=embeddings, size=100)
    items = items_of(project)
    by_id = {record.id: record for record in records_of(project)}
    assert (summary.size, summary.blind, summary.active, summary.waiting) == (100, 20, 80, 200)
    assert len({by_id[item.record_id].text_key for item in items}) == 100
    assert all((item.reason == "blind") == in_blind_stream(by_id[item.record_id].blind_hash, 0.2) for item in items)
    places = [place for place, item in enumerate(items) if item.reason == "blind"]
    assert max(np.diff([-1, *places, 100])) <= 6
    assert summary.embedder is not None
    assert summary.embedder.startswith("embedder: LSA on 200 records")


def test_without_a_champion_typical_texts_come_first_and_then_random_ones(
    project: Engine, embeddings: EmbeddingCache
) -> None:
    summary = build_queue(project, PROJECT, embeddings=embeddings, size=100)
    codes = [item.reason.split("|")[0] for item in items_of(project) if item.reason != "blind"]
    assert codes == ["typical"] * 50 + ["random"] * 30
    assert summary.model_version is None


def test_a_champion_scores_only_what_is_not_blind(project: Engine, embeddings: EmbeddingCache) -> None:
    champion, seen = Champion(), []
    summary = build_queue(
        project,
        PROJECT,
        embeddings=embeddings,
        strategy="margin",
        size=10,
        predictor=champion,
        progress=lambda records, fraction: seen.append((records, fraction)),
    )
    blind = {r.text for r in records_of(project) if in_blind_stream(r.blind_hash, 0.2)}
    assert not blind & set(champion.seen)
    active = [item for item in items_of(project) if item.reason != "blind"]
    assert active[0].reason.startswith("margin|одежда|0.")
    assert [item.score for item in active] == sorted((item.score or 0 for item in active), reverse=True)
    assert (summary.strategy, summary.model_version) == ("margin", "3")
    assert summary.embedder is None
    assert seen == [(len(champion.seen), 1.0)]


def test_answered_and_flagged_texts_go_with_their_twins_and_skipped_ones_come_last(
    project: Engine, embeddings: EmbeddingCache
) -> None:
    records = records_of(project)
    twin = next(r for r in records if r.external_id == "twin0")
    first = next(r for r in records if r.external_id == "r0")
    others = [r.id for r in records if r.external_id in ("r10", "r11")]
    act(project, [twin.id], Status.GIVEN)
    act(project, others[:1], Status.FLAGGED)
    act(project, others[1:], Status.SKIPPED)
    build_queue(project, PROJECT, embeddings=embeddings)
    queued = [item.record_id for item in items_of(project)]
    assert not {first.id, twin.id, others[0]} & set(queued)
    assert queued[-1] == others[1]
    assert items_of(project)[-1].reason == "skipped"
    assert len(queued) == 198


def test_with_an_overlap_of_two_one_answer_is_not_enough(project: Engine, embeddings: EmbeddingCache) -> None:
    with writing(project) as session:
        set_setting(session, get_project(session, PROJECT), "overlap", "2")
    twin, other = [r.id for r in records_of(project) if r.external_id in ("twin0", "r5")]
    act(project, [twin, other], Status.GIVEN)
    act(project, [other], Status.GIVEN, person="борис")
    build_queue(project, PROJECT, embeddings=embeddings)
    queued = {item.record_id for item in items_of(project)}
    # The twin that has an answer goes on collecting them.
    assert twin in queued
    assert other not in queued


def test_the_queue_is_what_people_are_given(project: Engine, embeddings: EmbeddingCache) -> None:
    build_queue(project, PROJECT, embeddings=embeddings, size=20)
    items = items_of(project)
    with writing(project) as session:
        made = get_project(session, PROJECT)
        leased = lease(session, made, person="анна", holder="tab", want=3)
    assert leased == items[:3]
    act(project, [item.record_id for item in items[:3]], Status.GIVEN)
    with reading(project) as session:
        queue = current_queue(session, get_project(session, PROJECT))
        assert queue is not None
        assert count_open(session, queue.id) == 17


def test_next_items_builds_a_queue_only_where_needed(project: Engine, embeddings: EmbeddingCache) -> None:
    loaded: list[str] = []

    def load() -> Champion:
        loaded.append("champion")
        return Champion()

    first = next_items(project, PROJECT, embeddings=embeddings, size=5, load_predictor=load)
    again = next_items(project, PROJECT, embeddings=embeddings, size=5, load_predictor=load)
    assert first == again
    assert [item.rank for item in first] == [1, 2, 3, 4, 5]
    assert len(loaded) == 1
    act(project, [first[0].record.id], Status.GIVEN)
    assert next_items(project, PROJECT, embeddings=embeddings, size=4)[0].record == first[1].record
    by_margin = next_items(project, PROJECT, embeddings=embeddings, strategy="margin", size=5, load_predictor=load)
    assert len(loaded) == 2
    assert any(item.reason.startswith("margin|") for item in by_margin)
    assert next_items(project, PROJECT, embeddings=embeddings, size=5) == by_margin


def test_a_project_that_works_by_group_queues_one_record_a_group(engine: Engine, embeddings: EmbeddingCache) -> None:
    with writing(engine) as session:
        made = create_project(session, PROJECT, Kind.TAGS)
        set_setting(session, made, "by_group", "true")
        for number in range(40):
            text = f"{COLOURS[number % 5]} {number}"
            add_record(session, made, external_id=f"r{number}", text=text, group=f"sku{number % 10}")
    summary = build_queue(engine, PROJECT, embeddings=embeddings)
    assert summary.size == 10
    assert next_items(engine, PROJECT, embeddings=embeddings, size=10)[0].record.text.count("\n") == 3


def test_an_empty_project_has_an_empty_queue(engine: Engine, embeddings: EmbeddingCache) -> None:
    with writing(engine) as session:
        create_project(session, PROJECT, Kind.CATEGORY)
    assert build_queue(engine, PROJECT, embeddings=embeddings).size == 0
    assert next_items(engine, PROJECT, embeddings=embeddings) == []


def test_mistakes_are_named(project: Engine, embeddings: EmbeddingCache) -> None:
    with pytest.raises(UserError, match="no project 'other'"):
        build_queue(project, "other", embeddings=embeddings)
    with pytest.raises(UserError, match="no queue strategy 'entropy'"):
        next_items(project, PROJECT, embeddings=embeddings, strategy="entropy")
