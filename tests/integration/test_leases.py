"""Leases with people at the same time: threads on SQLite and PostgreSQL."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from db.annotation_log import annotations_for
from db.annotations import save_annotations
from db.engine import reading, writing
from db.gold import gold_of
from db.leases import LEASE, lease, release
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.queues import QueueItem, count_open, current_queue, save_queue
from db.records import add_record
from db.tables import AnnotationRow, LeaseRow, utcnow
from db.types import Annotation, Answer, Kind, Project, Status

RECORDS = 40


@pytest.fixture
def project(engine: Engine) -> Project:
    """A queue of 40 records."""
    with writing(engine) as session:
        made = create_project(session, "p", Kind.CATEGORY)
        ids = [add_record(session, made, external_id=str(n), text=f"text {n}").id for n in range(RECORDS)]
        save_queue(session, made, "random", [QueueItem(i, "random") for i in ids])
    return made


def take(
    engine: Engine, project: Project, person: str, want: int, have: list[int] | None = None, **at: object
) -> list[int]:
    holder = str(at.pop("holder", person))
    with writing(engine) as session:
        items = lease(session, project, person=person, holder=holder, want=want, have=have or [], **at)  # type: ignore[arg-type]
    return [item.record_id for item in items]


def answer(engine: Engine, project: Project, person: str, record_id: int, client_id: str, **more: object) -> int:
    row = Annotation(record_id, person, Status.GIVEN, Answer("A"), client_id=client_id, **more)  # type: ignore[arg-type]
    with writing(engine) as session:
        return save_annotations(session, project, [row])


def undo(engine: Engine, project: Project, person: str, record_id: int, client_id: str) -> None:
    row = Annotation(record_id, person, Status.UNDONE, client_id=f"undo-{client_id}", undoes=client_id)
    with writing(engine) as session:
        save_annotations(session, project, [row])


def still_open(engine: Engine, project: Project) -> int:
    with reading(engine) as session:
        queue = current_queue(session, project)
        assert queue is not None
        return count_open(session, queue.id)


@pytest.mark.parametrize("overlap", [1, 2])
def test_people_at_the_same_time_never_get_a_record_more_often_than_the_overlap(
    engine: Engine, project: Project, overlap: int
) -> None:
    """Eight people in threads lease, answer (each answer sent twice at once) and sometimes leave and come back."""
    with writing(engine) as session:
        set_setting(session, project, "overlap", str(overlap))

    def work(person: str) -> list[int]:
        dice, done, idle = random.Random(person), [], 0
        while idle < 3:
            got = take(engine, project, person, dice.randint(1, 4))
            idle = 0 if got else idle + 1
            for record_id in got[: dice.randint(0, 4)]:
                client_id = f"{person}-{record_id}"
                with ThreadPoolExecutor(2) as twice:
                    list(twice.map(lambda c, r=record_id: answer(engine, project, person, r, c), [client_id] * 2))
                done.append(record_id)
            if got:
                with writing(engine) as session:
                    release(session, person=person, holder=person)
        return done

    people = [f"person {n}" for n in range(8)]
    with ThreadPoolExecutor(len(people)) as pool:
        done = dict(zip(people, pool.map(work, people), strict=True))
    times = Counter(record_id for ids in done.values() for record_id in ids)
    assert max(times.values()) <= overlap
    with reading(engine) as session:
        sent = session.scalars(select(AnnotationRow.client_id)).all()
        assert session.scalar(select(func.count()).select_from(LeaseRow)) == 0
    assert sorted(sent) == sorted(f"{person}-{i}" for person, ids in done.items() for i in ids)
    assert still_open(engine, project) == sum(times[i] < overlap for i in range(1, RECORDS + 1))


@pytest.mark.parametrize("overlap", [1, 3])
def test_leases_held_at_one_time_never_exceed_the_overlap(engine: Engine, project: Project, overlap: int) -> None:
    with writing(engine) as session:
        set_setting(session, project, "overlap", str(overlap))
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda n: (n, take(engine, project, f"p{n}", 15)), range(6)))
    holders: dict[int, set[int]] = defaultdict(set)
    for person, ids in taken:
        for record_id in ids:
            holders[record_id].add(person)
    assert max(map(len, holders.values())) == overlap
    assert sum(len(ids) for _, ids in taken) == min(6 * 15, RECORDS * overlap)


def test_the_queues_order_is_kept_and_what_one_has_is_not_given_again(engine: Engine, project: Project) -> None:
    first = take(engine, project, "ann", 3)
    assert first == sorted(first)
    more = take(engine, project, "ann", 2, have=first)
    assert more == [first[-1] + 1, first[-1] + 2]
    assert take(engine, project, "ann", 0) == []


def test_a_lease_ends_after_ten_minutes_unless_it_is_renewed(engine: Engine, project: Project) -> None:
    now = utcnow()
    kept, lost = take(engine, project, "ann", 2, now=now)
    take(engine, project, "ann", 0, have=[kept], now=now + LEASE - timedelta(seconds=1))
    late = now + LEASE + timedelta(seconds=1)
    given = take(engine, project, "bob", RECORDS, now=late)
    assert lost in given
    assert kept not in given


def test_two_tabs_of_one_person_have_different_records(engine: Engine, project: Project) -> None:
    one, other = (take(engine, project, "ann", 5, holder=tab) for tab in ("tab 1", "tab 2"))
    assert not set(one) & set(other)
    with writing(engine) as session:
        release(session, person="ann", holder="tab 1")
    assert take(engine, project, "bob", 5) == one


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.FLAGGED])
def test_a_skipped_record_goes_to_others_and_a_flagged_one_to_nobody(
    engine: Engine, project: Project, status: Status
) -> None:
    (record_id,) = take(engine, project, "ann", 1)
    with writing(engine) as session:
        save_annotations(session, project, [Annotation(record_id, "ann", status, client_id="1")])
    assert record_id not in take(engine, project, "ann", RECORDS)
    with writing(engine) as session:
        release(session, person="ann", holder="ann")
    assert (record_id in take(engine, project, "bob", RECORDS)) is (status is Status.SKIPPED)


def test_undoing_opens_the_record_and_answering_again_closes_it(engine: Engine, project: Project) -> None:
    (record_id,) = take(engine, project, "ann", 1)
    answer(engine, project, "ann", record_id, "1")
    assert still_open(engine, project) == RECORDS - 1
    undo(engine, project, "ann", record_id, "1")
    assert still_open(engine, project) == RECORDS
    assert take(engine, project, "ann", 1) == [record_id]
    answer(engine, project, "ann", record_id, "2")
    assert still_open(engine, project) == RECORDS - 1
    with reading(engine) as session:
        assert len(annotations_for(session, [record_id])[record_id]) == 3
        assert set(gold_of(session, project)) == {record_id}


def test_a_retry_changes_nothing_even_with_another_answer(engine: Engine, project: Project) -> None:
    (record_id,) = take(engine, project, "ann", 1)
    assert answer(engine, project, "ann", record_id, "1") == 1
    again = Annotation(record_id, "ann", Status.GIVEN, Answer("B"), client_id="1")
    twice = [Annotation(record_id, "ann", Status.GIVEN, Answer(c), client_id="2") for c in ("C", "D")]
    with writing(engine) as session:
        assert save_annotations(session, project, [again, *twice]) == 1
    with reading(engine) as session:
        assert [a.answer.category for a in annotations_for(session, [record_id])[record_id]] == ["A", "C"]
        assert get_project(session, "p") == project
