"""The curation service on real databases: leases, blind records, what an action becomes, what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.annotation_log import annotations_for
from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.gold import gold_of
from db.guidelines import save_guidelines
from db.imports import complete_import, start_import
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import proposals_for, save_proposals
from db.queues import QueueItem, save_queue
from db.records import add_record
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, Stage, Status
from workbench.queues import curation
from workbench.queues.curation_types import Action, ActionKind, CurationItem, RefusalCode

LABELS = {
    "categories": ["shoes", "clothes"],
    "tags": {"shoes": ["soft", "loud"], "clothes": ["warm"]},
}


@pytest.fixture(params=[Kind.CATEGORY])
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


@pytest.fixture
def project(engine: Engine, kind: Kind) -> Project:
    with writing(engine) as session:
        project = create_project(session, "p", kind)
        save_label_set(session, project, parse_label_set(LABELS))
        save_guidelines(session, project, "Be kind.")
        set_setting(session, project, "blind_share", "0")
        return project


def fill(engine: Engine, project: Project, count: int = 6, category: str | None = None) -> list[Record]:
    """Records in a queue, in their order."""
    with writing(engine) as session:
        records = [
            add_record(session, project, external_id=f"r{i}", text=f"text {i}", category=category) for i in range(count)
        ]
        save_queue(
            session, project, "random", [QueueItem(r.id, "margin|shoes|0.40|clothes|0.39", 0.5) for r in records]
        )
    return records


def propose(engine: Engine, project: Project, record: Record, answer: Answer, **more: object) -> int:
    proposal = Proposal(record.id, Stage.LLM, "llm:x", answer, score=0.8, **more)
    with writing(engine) as session:
        save_proposals(session, project, [proposal])
        return int(proposals_for(session, [record.id])[record.id][-1].id or 0)


def act(engine: Engine, *actions: Action, person: str = "ann", holder: str = "tab-0001") -> list[RefusalCode | None]:
    results = curation.apply(engine, "p", person=person, holder=holder, actions=actions)
    assert [r.client_id for r in results] == [a.client_id for a in actions]
    return [None if r.refusal is None else r.refusal.code for r in results]


def choose(cid: str, record: Record, category: str | None = None, **more: object) -> Action:
    return Action(client_id=cid, record_id=record.id, kind=ActionKind.CHOOSE, category=category, **more)


def take(engine: Engine, want: int, *, holder: str = "tab-0001", person: str = "ann") -> list[CurationItem]:
    return curation.next_items(engine, "p", person=person, holder=holder, want=want)


def log_of(engine: Engine, record: Record) -> list[Annotation]:
    with reading(engine) as session:
        return annotations_for(session, [record.id]).get(record.id, [])


def test_records_come_in_the_queue_order_and_to_one_tab_only(engine: Engine, project: Project) -> None:
    records = fill(engine, project)
    first, second = take(engine, 3), take(engine, 9, holder="tab-0002")
    assert [i.record_id for i in first] == [r.id for r in records[:3]]
    assert [i.record_id for i in second] == [r.id for r in records[3:]]
    assert take(engine, 9, person="bob", holder="tab-0003") == []


def test_leaving_gives_the_records_back(engine: Engine, project: Project) -> None:
    fill(engine, project)
    take(engine, 6)
    curation.leave(engine, person="ann", holder="tab-0001")
    assert len(take(engine, 6, holder="tab-0002")) == 6


def test_a_suggestion_carries_all_that_the_page_shows(engine: Engine, project: Project) -> None:
    record = fill(engine, project)[0]
    probabilities = {"shoes": 0.8, "clothes": 0.2}
    proposal = propose(engine, project, record, Answer("shoes"), rationale="feet", probabilities=probabilities)
    shown = take(engine, 1)[0].suggestion
    assert shown is not None
    assert (shown.proposal_id, shown.answer, shown.stage, shown.source) == (
        proposal,
        Answer("shoes"),
        Stage.LLM,
        "llm:x",
    )
    assert (shown.score, shown.rationale, dict(shown.probabilities)) == (0.8, "feet", probabilities)


def test_a_blind_record_carries_neither_proposal_nor_the_models_doubt(engine: Engine, project: Project) -> None:
    with writing(engine) as session:
        set_setting(session, project, "blind_share", "0.5")
    records = fill(engine, project, 20)
    for record in records:
        propose(engine, project, record, Answer("shoes"))
    items = {i.record_id: i for i in take(engine, 20)}
    stream = [r for r in records if in_blind_stream(r.blind_hash, 0.5)]
    assert stream
    assert all(items[r.id].blind and items[r.id].suggestion is None and items[r.id].reason == "blind" for r in stream)
    assert all(items[r.id].suggestion for r in records if r not in stream)

    act(engine, *[choose(f"cid-{r.id:08}", r, "clothes") for r in records])
    with reading(engine) as session:
        assert set(gold_of(session, project, blind_only=True)) == {r.id for r in stream}


def test_an_answer_after_a_proposal_was_seen_is_never_blind(engine: Engine, project: Project) -> None:
    record = fill(engine, project)[0]
    seen = propose(engine, project, record, Answer("shoes"))
    with writing(engine) as session:
        set_setting(session, project, "blind_share", "1")
    act(engine, choose("cid-00000001", record, "shoes", shown=(seen,)))
    assert [a.blind for a in log_of(engine, record)] == [False]


@pytest.mark.parametrize(("given", "status"), [("shoes", Status.ACCEPTED), ("clothes", Status.CORRECTED)])
def test_the_server_tells_accepted_from_corrected(engine: Engine, project: Project, given: str, status: Status) -> None:
    record = fill(engine, project)[0]
    seen = propose(engine, project, record, Answer("shoes"))
    act(engine, choose("cid-00000001", record, given, shown=(seen,), comment="sure", duration_ms=1200))
    (row,) = log_of(engine, record)
    assert (row.status, row.answer, row.shown, row.comment, row.duration_ms) == (
        status,
        Answer(given),
        (seen,),
        "sure",
        1200,
    )
    assert (row.person, row.label_set_version, row.guideline_version, row.blind) == ("ann", 1, 1, False)


def test_without_a_proposal_of_this_record_an_answer_is_given(engine: Engine, project: Project) -> None:
    one, other = fill(engine, project)[:2]
    foreign = propose(engine, project, other, Answer("shoes"))
    act(engine, choose("cid-00000001", one, "shoes", shown=(foreign,)))
    (row,) = log_of(engine, one)
    assert (row.status, row.shown) == (Status.GIVEN, ())


def test_accept_takes_what_is_stored(engine: Engine, project: Project) -> None:
    record = fill(engine, project)[0]
    seen = propose(engine, project, record, Answer("shoes"))
    accept = Action(client_id="cid-00000001", record_id=record.id, kind=ActionKind.ACCEPT, shown=(seen,))
    assert act(engine, accept) == [None]
    assert log_of(engine, record)[0].answer == Answer("shoes")


def test_sending_again_saves_once_even_after_the_label_has_gone(engine: Engine, project: Project) -> None:
    record = fill(engine, project)[0]
    action = choose("cid-00000001", record, "shoes")
    act(engine, action, action)
    with writing(engine) as session:
        save_label_set(session, project, parse_label_set({"categories": ["clothes"]}))
    assert act(engine, action) == [None]
    assert len(log_of(engine, record)) == 1


def test_undo_takes_back_one_by_one_and_opens_the_record_again(engine: Engine, project: Project) -> None:
    record = fill(engine, project, 1)[0]
    take(engine, 1)
    act(engine, choose("cid-00000001", record, "shoes"))
    act(engine, choose("cid-00000002", record, "clothes"))
    undo = Action(client_id="cid-00000003", record_id=record.id, kind=ActionKind.UNDO, undoes="cid-00000002")
    assert act(engine, undo, undo) == [None, None]
    with reading(engine) as session:
        assert gold_of(session, project)[record.id].answer == Answer("shoes")
    again = Action(client_id="cid-00000004", record_id=record.id, kind=ActionKind.UNDO)
    assert act(engine, again) == [None]
    assert [i.record_id for i in take(engine, 1)] == [record.id]


def test_undoing_twice_changes_nothing_and_undoing_nothing_is_refused(engine: Engine, project: Project) -> None:
    record = fill(engine, project, 1)[0]
    act(engine, choose("cid-00000001", record, "shoes"))
    first = Action(client_id="cid-00000002", record_id=record.id, kind=ActionKind.UNDO, undoes="cid-00000001")
    second = Action(client_id="cid-00000003", record_id=record.id, kind=ActionKind.UNDO, undoes="cid-00000001")
    assert act(engine, first, second) == [None, None]
    assert len(log_of(engine, record)) == 2
    assert act(engine, second, person="bob") == [RefusalCode.NOTHING_TO_UNDO]


def test_one_refusal_does_not_hold_up_the_rest(engine: Engine, project: Project) -> None:
    records = fill(engine, project)
    stranger = Record(id=10**9, external_id="x", text="", text_key="")
    codes = act(
        engine,
        choose("cid-00000001", records[0], "shoes"),
        choose("cid-00000002", records[1], "hats"),
        choose("cid-00000003", stranger, "shoes"),
        choose("cid-00000004", records[2]),
        choose("cid-00000005", records[2], "shoes", tags=("soft",)),
        Action(client_id="cid-00000006", record_id=records[3].id, kind=ActionKind.ACCEPT),
        Action(client_id="cid-00000007", record_id=records[4].id, kind=ActionKind.SKIP),
        Action(client_id="cid-00000008", record_id=records[5].id, kind=ActionKind.FLAG),
    )
    assert codes == [
        None,
        RefusalCode.UNKNOWN_CATEGORY,
        RefusalCode.UNKNOWN_RECORD,
        RefusalCode.NO_CATEGORY,
        RefusalCode.NOT_ASKED,
        RefusalCode.NOTHING_SHOWN,
        None,
        None,
    ]
    assert [len(log_of(engine, r)) for r in records] == [1, 0, 0, 0, 1, 1]


def test_a_record_of_another_project_is_unknown(engine: Engine, project: Project) -> None:
    with writing(engine) as session:
        other = create_project(session, "other", Kind.CATEGORY)
        record = add_record(session, other, external_id="r", text="t")
    assert act(engine, choose("cid-00000001", record, "shoes")) == [RefusalCode.UNKNOWN_RECORD]


@pytest.mark.parametrize("kind", [Kind.TAGS], indirect=True)
def test_tags_are_those_of_the_known_category(engine: Engine, project: Project) -> None:
    record = fill(engine, project, category="shoes")[0]
    propose(engine, project, record, Answer(tags=("soft", "unlisted")))
    shown = take(engine, 1)[0].suggestion
    assert shown is not None
    assert shown.answer == Answer(tags=("soft",))
    assert act(engine, choose("cid-00000001", record, tags=("warm",))) == [RefusalCode.UNKNOWN_TAG]
    assert act(engine, choose("cid-00000002", record)) == [RefusalCode.NO_TAGS]
    assert act(engine, choose("cid-00000003", record, tags=("soft",), shown=(shown.proposal_id,))) == [None]
    assert [a.status for a in log_of(engine, record)] == [Status.ACCEPTED]


@pytest.mark.parametrize("kind", [Kind.BOTH], indirect=True)
def test_both_are_accepted_only_together(engine: Engine, project: Project) -> None:
    one, other = fill(engine, project)[:2]
    for record, tags, status in ((one, ("soft",), Status.ACCEPTED), (other, ("loud",), Status.CORRECTED)):
        seen = propose(engine, project, record, Answer("shoes", ("soft",)))
        act(engine, choose(f"cid-{record.id:08}", record, "shoes", tags=tags, shown=(seen,)))
        assert [a.status for a in log_of(engine, record)] == [status]
    assert act(engine, choose("cid-90000000", one, "clothes", tags=("soft",))) == [RefusalCode.UNKNOWN_TAG]


def test_progress_counts_what_stands_today_and_what_is_left(engine: Engine, project: Project) -> None:
    records = fill(engine, project)
    act(engine, choose("cid-00000001", records[0], "shoes"), choose("cid-00000002", records[1], "shoes"))
    undo = Action(client_id="cid-00000003", record_id=records[1].id, kind=ActionKind.UNDO, undoes="cid-00000002")
    synced = curation.sync(engine, "p", person="ann", holder="tab-0001", actions=[undo])
    assert (synced.progress.today, synced.progress.left, synced.progress.queue) == (1, 5, True)


def test_what_a_file_brought_under_a_persons_name_is_not_their_work_of_today(engine: Engine, project: Project) -> None:
    records = fill(engine, project)
    with writing(engine) as session:
        import_id = start_import(session, project, file="old.csv")
        given = Annotation(record_id=records[0].id, person="ann", status=Status.GIVEN, answer=Answer("shoes"))
        save_annotations(session, project, [given], import_id=import_id)
        complete_import(session, import_id, {})
    assert curation.sync(engine, "p", person="ann", holder="tab-0001").progress.today == 0


def test_what_a_person_skipped_is_not_left_for_them_but_is_for_others(engine: Engine, project: Project) -> None:
    records = fill(engine, project)
    skip = Action(client_id="cid-00000001", record_id=records[0].id, kind=ActionKind.SKIP)
    ann = curation.sync(engine, "p", person="ann", holder="tab-0001", actions=[skip])
    bob = curation.sync(engine, "p", person="bob", holder="tab-0002")
    assert (ann.progress.left, bob.progress.left) == (5, 6)


def test_a_project_that_is_not_there_is_a_users_error(engine: Engine) -> None:
    with pytest.raises(UserError, match="no project 'p'"):
        take(engine, 1)
