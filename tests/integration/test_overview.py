"""The overview's figures on real databases, against the rules they must agree with."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.gold import gold_of
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.proposals import save_proposals
from db.queues import QueueItem, save_queue
from db.records import add_record
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Half, Kind, Project, Proposal, Record, Stage, Status
from workbench.quality.distribution import Concern, distribution
from workbench.quality.overview import Overview, overview
from workbench.quality.sources import source_agreements

NAME = "отзывы"
LABELS = ("одежда", "обувь", "посуда")
MONDAY = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)


def make(engine: Engine, kind: Kind = Kind.BOTH, records: int = 40) -> tuple[Project, list[Record]]:
    with writing(engine) as session:
        project = create_project(session, NAME, kind)
        set_setting(session, project, "blind_share", "0.5")
        tags = {label: ["мягкий", "тёплый", "дорогой"] for label in LABELS}
        save_label_set(session, project, parse_label_set({"categories": [*LABELS, "нет товара"], "tags": tags}))
        made = [add_record(session, project, external_id=f"r{i}", text=f"текст {i}") for i in range(records)]
    return project, made


def note(engine: Engine, annotations: Iterable[Annotation]) -> None:
    with writing(engine) as session:
        save_annotations(session, get_project(session, NAME), list(annotations))


def given(record: Record, label: str, **details: object) -> Annotation:
    fields: dict = {"person": "анна", "status": Status.GIVEN, "annotated_at": MONDAY} | details
    return Annotation(record_id=record.id, answer=Answer(label, ()), **fields)


def seen(engine: Engine) -> Overview:
    return overview(engine, NAME)


def test_progress_counts_records_by_what_people_did(engine: Engine) -> None:
    project, records = make(engine)
    stream = [r for r in records if in_blind_stream(r.blind_hash, 0.5)]
    with writing(engine) as session:
        save_queue(session, project, "random", [QueueItem(r.id, "random") for r in records[:5]])
    note(engine, [given(r, "обувь", blind=True) for r in stream])
    outside = [r for r in records if r not in stream]
    note(engine, [given(outside[0], "обувь", client_id="c1"), given(outside[1], "обувь", blind=True)])
    note(engine, [Annotation(record_id=outside[0].id, person="анна", status=Status.UNDONE, undoes="c1")])
    note(engine, [Annotation(record_id=outside[2].id, person="анна", status=Status.SKIPPED)])
    note(engine, [Annotation(record_id=outside[3].id, person="анна", status=Status.FLAGGED)])
    found = seen(engine).progress
    assert found.records == 40
    assert found.answered == len(stream) + 1
    assert (found.skipped, found.flagged) == (1, 1)
    assert found.test == sum(r.half is Half.TEST for r in stream)
    assert found.calibration == len(stream) - found.test
    dealt_with = {r.id for r in (*stream, outside[1], outside[3])}
    assert found.queued == sum(r.id not in dealt_with for r in records[:5])


def random_annotations(records: list[Record], seed: int) -> list[Annotation]:
    rng = random.Random(seed)
    rows: list[Annotation] = []
    for number in range(150):
        earlier = rng.choice(rows) if rows and rng.random() < 0.15 else None
        status = rng.choice([Status.GIVEN] * 4 + [Status.ACCEPTED, Status.ADJUDICATED, Status.SKIPPED])
        if earlier is not None and earlier.status is not Status.UNDONE:
            undone = Annotation(
                record_id=earlier.record_id,
                person=earlier.person,
                status=Status.UNDONE,
                undoes=earlier.client_id,
                client_id=f"c{number}",
            )
            rows.append(undone)
            continue
        tags = tuple(rng.sample(["мягкий", "тёплый", "дорогой"], rng.randint(0, 3)))
        rows.append(
            Annotation(
                record_id=rng.choice(records).id,
                person=rng.choice("абв"),
                status=status,
                answer=Answer(rng.choice(LABELS), tags) if status.is_answer else Answer(),
                blind=rng.random() < 0.3,
                client_id=f"c{number}",
            )
        )
    return rows


@pytest.mark.parametrize("overlap", ["1", "2"])
@pytest.mark.parametrize("seed", [0, 1])
def test_labels_are_counted_as_gold_resolves_them(engine: Engine, seed: int, overlap: str) -> None:
    project, records = make(engine)
    with writing(engine) as session:
        set_setting(session, project, "overlap", overlap)
    note(engine, random_annotations(records, seed))
    with reading(engine) as session:
        gold = [g.answer for g in gold_of(session, project).values()]
    found = seen(engine)
    assert found.categories is not None
    assert found.tags is not None
    categories = Counter(answer.category for answer in gold)
    tags = Counter(tag for answer in gold for tag in answer.tags or ())
    assert found.categories.counts == {name: categories[name] for name in (*LABELS, "нет товара")}
    assert found.tags.counts == {name: tags[name] for name in ("мягкий", "тёплый", "дорогой")}
    assert found.categories.concerns == (Concern.WITHOUT_ROWS,)


def test_imbalance_is_the_most_common_label_over_the_rarest_that_has_rows() -> None:
    bad = distribution({"a": 100, "b": 10, "gone": 50}, ["a", "b", "c"])
    assert bad.imbalance == 10
    assert bad.concerns == (Concern.WITHOUT_ROWS, Concern.IMBALANCED)
    assert list(bad.counts.items()) == [("a", 100), ("gone", 50), ("b", 10), ("c", 0)]
    assert distribution({"a": 3, "b": 1}, ["a", "b"]).concerns == ()
    assert distribution({}, ["a"]).imbalance is None
    assert distribution({}, ["a"]).concerns == ()


def test_work_is_counted_by_person_and_by_day_of_utc(engine: Engine) -> None:
    _, records = make(engine)
    tuesday = MONDAY.replace(day=17, hour=0, minute=10)
    note(
        engine,
        [
            given(records[0], "обувь", duration_ms=2000),
            given(records[1], "обувь", duration_ms=4000, blind=True, annotated_at=tuesday),
            given(records[2], "обувь", duration_ms=3_600_000, annotated_at=tuesday),
            given(records[3], "обувь", person="борис"),
            Annotation(record_id=records[4].id, person="борис", status=Status.SKIPPED),
        ],
    )
    found = seen(engine)
    anna, boris = found.people
    assert (anna.person, anna.answered, anna.blind, anna.skipped, anna.seconds) == ("анна", 3, 1, 0, 3.0)
    assert (boris.person, boris.answered, boris.skipped, boris.seconds) == ("борис", 1, 1, None)
    assert [(d.day, d.person, d.answered) for d in found.days] == [
        (date(2026, 11, 16), "анна", 1),
        (date(2026, 11, 16), "борис", 1),
        (date(2026, 11, 17), "анна", 2),
    ]


def test_sources_are_judged_apart_on_blind_and_on_assisted_answers(engine: Engine) -> None:
    project, records = make(engine)

    def proposed(record: Record, label: str, version: str = "", *, on_list: bool = True) -> Proposal:
        answer = Answer(label, ("мягкий",))
        return Proposal(
            record_id=record.id, stage=Stage.LLM, source="llm:x", answer=answer, version=version, on_list=on_list
        )

    with writing(engine) as session:
        set_setting(session, project, "blind_share", "1")
        save_proposals(session, project, [proposed(r, "обувь") for r in records[:10]])
        # A newer version takes the place of the older, off-list answers count as none, and nobody answered the last.
        save_proposals(session, project, [proposed(records[0], "одежда", "2")])
        save_proposals(
            session, project, [proposed(records[11], "обувь", on_list=False), proposed(records[20], "обувь")]
        )
    note(engine, [given(r, "одежда", blind=True) for r in records[:4]])
    note(engine, [given(r, "обувь") for r in (*records[4:10], records[11])])
    (source,) = source_agreements(engine, NAME)
    assert (source.source, source.stage) == ("llm:x", Stage.LLM)
    assert source.blind is not None
    assert source.assisted is not None
    assert (source.blind.n, source.blind.share) == (4, 0.25)
    assert (source.assisted.n, source.assisted.share) == (6, 1.0)
    assert source.assisted.low == pytest.approx(0.6097, abs=1e-4)
    assert source.blind_tags is not None
    assert (source.blind_tags.n, source.blind_tags.jaccard) == (4, 0.0)


def test_blind_answers_that_train_do_not_judge(engine: Engine) -> None:
    project, records = make(engine)
    with writing(engine) as session:
        proposals = [
            Proposal(record_id=r.id, stage=Stage.MODEL, source="model:x", answer=Answer("обувь", ())) for r in records
        ]
        save_proposals(session, project, proposals)
    note(engine, [given(r, "обувь", blind=True) for r in records])
    (source,) = source_agreements(engine, NAME)
    assert source.blind is not None
    assert source.blind.n == sum(in_blind_stream(r.blind_hash, 0.5) for r in records)
    assert source.assisted is not None
    assert source.assisted.n == 0


def test_a_project_that_asks_no_tags_has_no_figures_of_tags(engine: Engine) -> None:
    make(engine, Kind.CATEGORY, records=1)
    found = seen(engine)
    assert found.tags is None
    assert found.progress.queued is None
    assert (found.people, found.days, source_agreements(engine, NAME)) == ((), (), ())


def test_an_unknown_project_is_the_users_error(engine: Engine) -> None:
    with pytest.raises(UserError, match="no project"):
        seen(engine)


def test_the_page_does_not_load_what_only_training_needs() -> None:
    code = (
        "import sys, workbench.quality.overview; "
        "print([name for name in ('sklearn', 'torch', 'mlflow', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
