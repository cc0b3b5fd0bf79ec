"""Many people at once on one queue, through the routes: no answer lost or doubled, no record answered too often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from db.engine import reading, writing
from db.label_sets import parse_label_set, save_label_set
from db.leases import count_left
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import save_proposals
from db.queues import QueueItem, count_open, current_queue, save_queue
from db.records import add_record
from db.tables import LeaseRow, QueueItemRow
from db.types import Answer, Kind, Project, Proposal, Role, Stage
from tests.conftest import ClientOf
from tests.simulated import Annotator, check
from workbench.ui.pages.curate import curate_routes

LABELS = ("обувь", "посуда", "одежда")
PEOPLE, TURNS = 8, 20


def make(engine: Engine, records: int, overlap: int) -> Project:
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": list(LABELS)}))
        set_setting(session, project, "overlap", str(overlap))
        made = [add_record(session, project, external_id=f"r{i}", text=f"текст {i}") for i in range(records)]
        proposals = [
            Proposal(
                record_id=r.id, stage=Stage.KEYWORDS, source="keywords", answer=Answer(LABELS[r.id % 3]), score=0.6
            )
            for r in made
        ]
        save_proposals(session, project, proposals)
        save_queue(session, project, "random", [QueueItem(r.id, "random") for r in made])
    return project


@pytest.mark.parametrize(("records", "overlap"), [(300, 1), (60, 1), (60, 2)])
def test_nothing_is_lost_or_doubled_and_no_record_is_answered_too_often(
    engine: Engine, client_of: ClientOf, records: int, overlap: int
) -> None:
    project = make(engine, records, overlap)
    people = [Annotator(person=f"человек {n}", labels=LABELS, seed=n) for n in range(PEOPLE)]

    def work(one: Annotator, client: TestClient) -> None:
        for _ in range(TURNS):
            body = one.request()
            for _ in range(2 if one.twice() else 1):
                answer = client.post("/api/annotate/p/sync", json=body)
                assert answer.status_code == 200, answer.text
            one.take(body, answer.json())

    routes = curate_routes(engine)
    clients = [client_of(routes, role=Role.ANNOTATOR, person=one.person) for one in people]
    # An app puts its routes together at its first request, which several threads at once must not be.
    assert all(client.get("/api/annotate").status_code == 200 for client in clients)
    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(work, people, clients))
    assert check(engine, project, people, overlap) > PEOPLE
    assert not any(one.refused for one in people)
    with reading(engine) as session:
        queue = current_queue(session, project)
        assert queue is not None
        stored = select(func.count()).where(QueueItemRow.queue_id == queue.id, QueueItemRow.open)
        assert count_open(session, queue.id) == session.scalar(stored)
        held = dict(session.execute(select(LeaseRow.record_id, func.count()).group_by(LeaseRow.record_id)).all())
        assert max(held.values(), default=0) <= overlap
        for one in people:
            assert 0 <= count_left(session, project, queue, one.person) <= count_open(session, queue.id)
