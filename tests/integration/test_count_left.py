"""What is left for a person, and how many places are open, against counting them one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, select

from db.annotation_log import annotations_for, standing, wants_people
from db.annotations import save_annotations
from db.engine import reading, writing
from db.leases import count_left
from db.project_settings import set_setting
from db.projects import create_project
from db.queues import QueueItem, count_open, current_queue, save_queue
from db.records import add_record
from db.tables import QueueItemRow
from db.types import Annotation, Answer, Kind, Record, Status

PEOPLE = ("анна", "борис", "вера")


def steps(dice: random.Random, records: Sequence[Record]) -> Iterator[Annotation]:
    made: list[Annotation] = []
    for number in range(60):
        undone = dice.choice(made) if made and dice.random() < 0.2 else None
        status = dice.choice([s for s in Status if s is not Status.UNDONE])
        made.append(
            Annotation(
                record_id=undone.record_id if undone else dice.choice(records).id,
                person=undone.person if undone else dice.choice(PEOPLE),
                status=Status.UNDONE if undone else status,
                answer=Answer("A") if status.is_answer and not undone else Answer(),
                client_id=f"c{number}",
                undoes=undone.client_id if undone else None,
            )
        )
        yield made[-1]


@pytest.mark.parametrize("overlap", [1, 2, 3])
def test_after_every_step_both_counts_are_right(engine: Engine, overlap: int) -> None:
    dice = random.Random(overlap)
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        set_setting(session, project, "overlap", str(overlap))
        records = [add_record(session, project, external_id=f"r{i}", text=f"текст {i}") for i in range(12)]
        queue_id = save_queue(session, project, "random", [QueueItem(r.id, "random") for r in records[:9]])
    for annotation in steps(dice, records):
        with writing(engine) as session:
            save_annotations(session, project, [annotation])
        with reading(engine) as session:
            queue = current_queue(session, project)
            assert queue is not None
            log = annotations_for(session, [r.id for r in records])
            places = session.scalars(select(QueueItemRow.record_id).where(QueueItemRow.queue_id == queue_id))
            waiting = [i for i in places if wants_people(log.get(i, ()), overlap)]
            assert count_open(session, queue_id) == queue.open_items == len(waiting)
            for person in PEOPLE:
                mine = [i for i in waiting if all(a.person != person for a in standing(log.get(i, ())))]
                assert count_left(session, project, queue, person) == len(mine)
