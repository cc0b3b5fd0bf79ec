"""Opinions of several sources on real databases: how far each is believed, and the queue of what they dispute."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import NotFoundError
from db.imports import start_import
from db.label_sets import parse_label_set, save_label_set
from db.opinions import blind_opinions, count_opinions, iterate_opinions, opinion_sources
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.proposals import save_proposals
from db.records import add_record, iterate_records
from db.tables import RecordRow
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Project, Proposal, Role, Stage, Status
from tests.conftest import ClientOf
from training.embedding_cache import EmbeddingCache
from workbench.quality.opinions import NOTHING, opinions
from workbench.queues.build import build_queue, next_items
from workbench.settings import WorkbenchSettings
from workbench.ui.pages.proposals import proposals_routes

NAME = "отзывы"
LABELS = ("одежда", "обувь", "посуда")
# How often each source is right; the last says "одежда" otherwise.
SKILL = {"team-a": 0.9, "team-b": 0.8, "team-c": 0.5}


def make(engine: Engine, records: int = 400, *, share: str = "0.3", kind: Kind = Kind.CATEGORY) -> list[int]:
    with writing(engine) as session:
        project = create_project(session, NAME, kind)
        set_setting(session, project, "blind_share", share)
        tags = {label: ["мягкий"] for label in LABELS} if kind.asks_tags else {}
        save_label_set(session, project, parse_label_set({"categories": list(LABELS), "tags": tags}))
        return [add_record(session, project, external_id=f"r{i}", text=f"текст {i}").id for i in range(records)]


def project_of(engine: Engine) -> Project:
    with reading(engine) as session:
        return get_project(session, NAME)


def stream_of(engine: Engine, share: float) -> list[int]:
    with reading(engine) as session:
        records = [r for batch in iterate_records(session, get_project(session, NAME)) for r in batch]
    return [r.id for r in records if in_blind_stream(r.blind_hash, share)]


def propose(engine: Engine, said: Iterable[tuple[int, str, str]], version: str = "1", *, on_list: bool = True) -> None:
    with writing(engine) as session:
        rows = [
            Proposal(
                record_id=record_id,
                stage=Stage.IMPORT,
                source=source,
                version=version,
                answer=Answer(label),
                on_list=on_list,
            )
            for record_id, source, label in said
        ]
        save_proposals(session, project_of(engine), rows)


def answer(engine: Engine, answers: Mapping[int, str], *, blind: bool) -> None:
    annotations = [
        Annotation(record_id=record_id, person="анна", status=Status.GIVEN, answer=Answer(label), blind=blind)
        for record_id, label in answers.items()
    ]
    with writing(engine) as session:
        save_annotations(session, project_of(engine), annotations)


def sources_say(records: Iterable[int], seed: int = 0) -> tuple[dict[int, str], list[tuple[int, str, str]]]:
    dice = random.Random(seed)
    truth = {record: dice.choice(LABELS) for record in records}
    said = []
    for record, label in truth.items():
        for source, skill in SKILL.items():
            wrong = "одежда" if source == "team-c" else dice.choice([other for other in LABELS if other != label])
            said.append((record, source, label if dice.random() < skill else wrong))
    return truth, said


def test_each_source_is_believed_as_far_as_it_is_right(engine: Engine) -> None:
    records = make(engine)
    truth, said = sources_say(records)
    propose(engine, said)
    found = opinions(engine, NAME)
    assert [one.source for one in found.sources] == ["team-a", "team-b", "team-c"]
    right = {one: sum(truth[r] == label for r, source, label in said if source == one) / 400 for one in SKILL}
    for one in found.sources:
        assert one.accuracy == pytest.approx(right[one.source], abs=0.08)
        assert (one.votes, one.shared) == (400, 400)
        assert sum(one.expected) == pytest.approx(400, abs=1)
        assert [sum(row) for row in one.confusion] == pytest.approx([1, 1, 1], abs=1e-3)
    assert found.records == 400
    several = {r: {label for record, _, label in said if record == r} for r in records}
    assert found.disagreed == sum(len(labels) > 1 for labels in several.values())
    confused = found.sources[2].confused
    assert confused is not None
    assert (confused.said, confused.true) in {("одежда", "обувь"), ("одежда", "посуда")}
    assert 0.2 < confused.share < 0.7
    assert found.judged is None


def test_blind_answers_judge_and_do_not_enter_the_estimate(engine: Engine) -> None:
    records = make(engine)
    truth, said = sources_say(records)
    propose(engine, said)
    before = opinions(engine, NAME)
    stream = stream_of(engine, 0.3)
    outside = [r for r in records if r not in stream]
    answer(engine, {r: truth[r] for r in stream[:60]}, blind=True)
    # Not blind, or not in the stream: they judge nothing.
    answer(engine, dict.fromkeys(stream[60:80], "посуда"), blind=False)
    answer(engine, dict.fromkeys(outside[:40], "посуда"), blind=True)
    found = opinions(engine, NAME)
    assert (found.prior, found.sources) == (before.prior, before.sources)
    judged = found.judged
    assert judged is not None
    assert (judged.answered, judged.rows, judged.left_out) == (60, 60, ())
    for source in SKILL:
        right = sum(truth[r] == label for r, name, label in said if name == source and r in stream[:60]) / 60
        assert judged.sources[source].accuracy.value == pytest.approx(right)
    for one in (*judged.sources.values(), judged.majority, judged.dawid_skene):
        for figure in (one.accuracy, one.weighted_f1, one.macro_f1):
            assert figure.low <= figure.value <= figure.high
    assert judged.dawid_skene.accuracy.value >= judged.sources["team-c"].accuracy.value
    weighted = judged.dawid_skene.weighted_f1.value - judged.majority.weighted_f1.value
    assert judged.gain.value == pytest.approx(weighted)
    assert judged.gain.low <= weighted <= judged.gain.high


def test_a_source_that_says_little_does_not_keep_the_others_from_being_compared(engine: Engine) -> None:
    records = make(engine, 60, share="1")
    truth, said = sources_say(records)
    propose(engine, [*said, *((record, "rare", truth[record]) for record in records[:5])])
    answer(engine, truth, blind=True)
    judged = opinions(engine, NAME).judged
    assert judged is not None
    assert (judged.rows, judged.left_out, list(judged.sources)) == (60, ("rare",), list(SKILL))


def test_only_the_newest_proposal_on_the_list_of_a_record_that_is_seen_counts(engine: Engine) -> None:
    records = make(engine, 4)
    first, second, third, hidden = records
    propose(engine, [(first, "a", "обувь"), (first, "b", "обувь"), (second, "a", "посуда")])
    propose(engine, [(first, "a", "одежда")], version="2")
    propose(engine, [(third, "b", "шляпы")], on_list=False)
    with writing(engine) as session:
        project = project_of(engine)
        unfinished = start_import(session, project, file="later.csv")
        session.execute(update(RecordRow).where(RecordRow.id == hidden).values(import_id=unfinished))
    propose(engine, [(hidden, "a", "обувь"), (hidden, "c", "обувь")])
    with reading(engine) as session:
        sources = opinion_sources(session, project)
        assert sources == ["a", "b"]
        counted = count_opinions(session, project, sources)
        assert sorted(counted, key=str) == [(("одежда", "обувь"), 1), (("посуда", None), 1)]
        listed = [(record, source, said) for record, _, source, said in iterate_opinions(session, project)]
        assert listed == [(first, "a", "одежда"), (first, "b", "обувь"), (second, "a", "посуда")]
        assert blind_opinions(session, project, sources) == []


def test_what_is_said_about_a_twin_is_said_about_the_text(engine: Engine, home: Path) -> None:
    make(engine, 30, share="0.5")
    stream = stream_of(engine, 0.5)
    with writing(engine) as session:
        project = get_project(session, NAME)
        records = [r for batch in iterate_records(session, project) for r in batch]
        twins = [
            add_record(session, project, external_id=f"twin{r.id}", text=f"  {r.text.upper()}").id for r in records
        ]
    propose(engine, [(twin, source, "обувь") for twin in twins for source in ("a", "b", "c")])
    answer(engine, dict.fromkeys(stream, "обувь"), blind=True)
    judged = opinions(engine, NAME).judged
    assert judged is not None
    assert (judged.rows, judged.dawid_skene.accuracy.value) == (len(stream), 1)
    disputed = next(twin for twin in twins if twin not in stream_of(engine, 0.5))
    propose(engine, [(disputed, "b", "посуда")], version="2")
    embeddings = EmbeddingCache(folder=home / "data" / "embeddings")
    queued = next_items(engine, NAME, embeddings=embeddings, strategy="disagreement", size=30)
    told = [item.reason for item in queued if item.reason != "blind"]
    assert told[0] == "disagreement|обувь|a, c|посуда|b"
    assert set(told[1:]) == {"random"}


@pytest.mark.parametrize("kind", [Kind.CATEGORY, Kind.TAGS])
def test_with_fewer_than_two_sources_there_is_nothing_to_compare(engine: Engine, kind: Kind) -> None:
    records = make(engine, 5, kind=kind)
    assert opinions(engine, NAME) == NOTHING
    if kind.asks_category:
        propose(engine, [(record, "a", "обувь") for record in records])
    assert opinions(engine, NAME) == NOTHING


def test_sources_that_never_speak_of_the_same_record_are_not_judged(engine: Engine) -> None:
    records = make(engine, 6, share="1")
    propose(engine, [(r, "a" if r in records[:3] else "b", "обувь") for r in records])
    answer(engine, dict.fromkeys(records, "обувь"), blind=True)
    found = opinions(engine, NAME)
    assert (found.records, found.disagreed, found.judged) == (0, 0, None)
    assert [(one.votes, one.shared, one.accuracy, one.confused) for one in found.sources] == [(3, 0, None, None)] * 2


def test_an_unknown_project_is_named(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no project 'нет'"):
        opinions(engine, "нет")


def test_a_queue_begins_with_what_sources_disagree_about_and_says_so(engine: Engine, home: Path) -> None:
    records = make(engine, 60)
    stream = stream_of(engine, 0.3)
    active = [r for r in records if r not in stream]
    propose(engine, [(r, source, "обувь") for r in records for source in ("a", "b")])
    split, even = active[5], active[9]
    propose(engine, [(split, "c", "посуда"), (even, "b", "одежда"), (stream[0], "c", "посуда")])
    embeddings = EmbeddingCache(folder=home / "data" / "embeddings")
    with writing(engine) as session:
        set_setting(session, project_of(engine), "strategy", "disagreement")
    summary = build_queue(engine, NAME, embeddings=embeddings)
    assert (summary.strategy, summary.embedder, summary.model_version) == ("disagreement", None, None)
    queued = next_items(engine, NAME, embeddings=embeddings, size=60)
    told = [(item.record.id, item.reason) for item in queued if item.reason != "blind"]
    assert told[:2] == [
        (even, "disagreement|обувь|a|одежда|b"),
        (split, "disagreement|обувь|a, b|посуда|c"),
    ]
    assert {reason for _, reason in told[2:]} == {"random"}
    # The blind stream keeps its share, its order and its silence.
    assert {item.record.id for item in queued if item.reason == "blind"} == set(stream)


def test_the_page_asks_for_opinions_apart(engine: Engine, client_of: ClientOf) -> None:
    records = make(engine, 40)
    propose(engine, sources_say(records)[1])
    routes = proposals_routes(engine, WorkbenchSettings(), lambda *_: None, None)  # type: ignore[arg-type, return-value]
    found = client_of(routes, role=Role.REVIEWER).get(f"/api/proposals/{NAME}/opinions").json()
    assert found["labels"] == list(LABELS)
    assert [one["source"] for one in found["sources"]] == list(SKILL)
    assert found["judged"] is None
    assert client_of(routes, role=Role.ANNOTATOR).get(f"/api/proposals/{NAME}/opinions").status_code == 403
