"""Spot checks: settled records drawn at random, answered unseen, and what that says of each stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.annotation_log import annotations_for
from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.gold import gold_of
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.proposals import save_proposals
from db.queues import QueueItem, count_open, current_queue, queue_items, save_queue
from db.records import add_record
from db.spot_checks import check_items, in_check, latest_check, unchecked_records
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Proposal, Record, Role, Stage, Status
from training.embedding_cache import EmbeddingCache
from training.freezing import build
from workbench.quality.spot_check import CheckReport, check_report, draw, draw_check, even_shares
from workbench.queues import curation
from workbench.queues.build import build_queue
from workbench.queues.curation_types import Action, ActionKind
from workbench.settings import load_workbench_settings
from workbench.ui.pages.proposals import proposals_routes

SHARE = 0.3
ClientOf = Callable[..., TestClient]


def fill(
    engine: Engine, *, records: int = 60, kind: Kind = Kind.CATEGORY, twin: bool = False, queue: bool = True
) -> list[Record]:
    """Keywords settle every third record, the model the others; all that is outside the stream waits in a queue."""
    tags = ("t",) if kind.asks_tags else None
    with writing(engine) as session:
        project = create_project(session, "p", kind)
        save_label_set(session, project, parse_label_set({"categories": ["a", "b"], "tags": {"a": ["t"], "": ["t"]}}))
        set_setting(session, project, "blind_share", str(SHARE))
        made = [add_record(session, project, external_id=f"r{n}", text=f"text {n}") for n in range(records)]
        if twin:
            stream = next(r for r in made if in_blind_stream(r.blind_hash, SHARE))
            made.append(add_record(session, project, external_id="twin", text=stream.text, group=outside_group()))
        proposals = [
            Proposal(
                record_id=r.id,
                stage=Stage.KEYWORDS if n % 3 == 0 else Stage.MODEL,
                source="x",
                answer=Answer("a" if kind.asks_category else None, tags),
                score=0.95,
            )
            for n, r in enumerate(made)
        ]
        save_proposals(session, project, proposals)
        others = [QueueItem(r.id, "random", 0.5) for r in made if not in_blind_stream(r.blind_hash, SHARE)]
        if queue:
            save_queue(session, project, "random", others)
    return made


def outside_group() -> str:
    from db.text_keys import blind_hash

    return next(name for name in map(str, range(1_000)) if not in_blind_stream(blind_hash(name), SHARE))


def drawn_ids(engine: Engine) -> list[int]:
    with reading(engine) as session:
        check = latest_check(session, get_project(session, "p"))
        assert check is not None
        return [item.record_id for item in check_items(session, check)]


def answer(engine: Engine, record_id: int, category: str = "a", **more: object) -> None:
    action = Action(client_id=f"c{record_id}", record_id=record_id, kind=ActionKind.CHOOSE, category=category, **more)
    (result,) = curation.apply(engine, "p", person="ann", holder="tab-0001", actions=[action])
    assert result.refusal is None


def report_of(engine: Engine) -> CheckReport:
    found = check_report(engine, "p")
    assert found is not None
    return found


def test_a_draw_is_even_over_stages_and_never_of_the_stream_or_its_twins(engine: Engine) -> None:
    made = fill(engine, records=120, twin=True)
    draw_check(engine, "p", size=20, seed=1, by="eva")
    report, ids = report_of(engine), drawn_ids(engine)
    outside = {
        r.id: n for n, r in enumerate(made) if not in_blind_stream(r.blind_hash, SHARE) and r.external_id != "twin"
    }
    assert len(set(ids)) == len(ids) == 20 == report.drawn == report.waiting
    assert set(ids) <= set(outside)
    settled = Counter(Stage.KEYWORDS if n % 3 == 0 else Stage.MODEL for n in outside.values())
    assert {s.stage: (s.drawn, s.settled, s.judged) for s in report.stages} == {
        Stage.KEYWORDS: (10, settled[Stage.KEYWORDS], 0),
        Stage.MODEL: (10, settled[Stage.MODEL], 0),
    }


def test_it_comes_first_in_the_queue_and_is_shown_without_its_proposal(engine: Engine) -> None:
    fill(engine)
    with reading(engine) as session:
        queue = current_queue(session, get_project(session, "p"))
    assert queue is not None
    draw_check(engine, "p", size=6, seed=1)
    with reading(engine) as session:
        assert count_open(session, queue.id) == queue.open_items == len(queue_items(session, queue.id, 1_000))
    items = curation.next_items(engine, "p", person="ann", holder="tab-0001", want=8)
    assert [i.record_id for i in items[:6]] == drawn_ids(engine)
    assert [(i.blind, i.suggestion, i.reason) for i in items[:6]] == [(True, None, "check")] * 6
    assert [i.blind for i in items[6:]] == [False, False]
    assert all(i.suggestion is not None for i in items[6:])


def test_answers_say_how_often_each_stage_was_right(engine: Engine) -> None:
    made = fill(engine)
    draw_check(engine, "p", size=16, seed=1)
    places = {r.id: n for n, r in enumerate(made)}
    for record_id in drawn_ids(engine)[:-1]:
        answer(engine, record_id, "a" if places[record_id] % 3 else "b")
    report = report_of(engine)
    assert report.waiting == 1
    by_stage = {s.stage: s for s in report.stages}
    assert sum(s.judged for s in report.stages) == 15
    assert by_stage[Stage.KEYWORDS].right == 0
    assert by_stage[Stage.MODEL].right == by_stage[Stage.MODEL].judged > 0
    assert by_stage[Stage.MODEL].low > by_stage[Stage.KEYWORDS].high


def test_an_answer_is_blind_but_trains_and_is_in_no_test_set(engine: Engine) -> None:
    fill(engine)
    draw_check(engine, "p", size=5, seed=1)
    ids = drawn_ids(engine)
    for record_id in ids:
        answer(engine, record_id)
    with reading(engine) as session:
        log = annotations_for(session, ids)
        counts = build(session, get_project(session, "p")).counts
    assert all(log[i][0].blind for i in ids)
    assert counts["train"] + counts["validation"] == 5
    assert (counts["calibration"], counts["test"]) == (0, 0)


def test_who_had_seen_the_proposal_is_not_counted(engine: Engine) -> None:
    fill(engine)
    (seen,) = curation.next_items(engine, "p", person="ann", holder="tab-0001", want=1)
    assert seen.suggestion is not None
    draw_check(engine, "p", size=60, seed=1)
    assert seen.record_id in drawn_ids(engine)
    answer(engine, seen.record_id, shown=(seen.suggestion.proposal_id,))
    report = report_of(engine)
    assert sum(s.judged for s in report.stages) == 0
    assert report.waiting == report.drawn - 1


def test_later_proposals_do_not_change_what_is_judged(engine: Engine) -> None:
    fill(engine)
    draw_check(engine, "p", size=4, seed=1)
    ids = drawn_ids(engine)
    with writing(engine) as session:
        later = [Proposal(i, Stage.KEYWORDS, "y", Answer("b"), score=1.0) for i in ids]
        save_proposals(session, get_project(session, "p"), later)
    for record_id in ids:
        answer(engine, record_id, "a")
    assert all(s.right == s.judged for s in report_of(engine).stages)


def test_a_new_queue_goes_on_with_what_is_not_checked_yet(engine: Engine, home: Path) -> None:
    fill(engine)
    draw_check(engine, "p", size=5, seed=1)
    answer(engine, drawn_ids(engine)[0])
    queued = build_queue(engine, "p", embeddings=EmbeddingCache(folder=home / "e"), strategy="random")
    with reading(engine) as session:
        items = queue_items(session, queued.queue_id, 1_000)
        waiting = unchecked_records(session, get_project(session, "p"))
    assert [i.record_id for i in items[:4]] == waiting == drawn_ids(engine)[1:]
    assert {i.reason for i in items[:4]} == {"check"}
    assert "check" not in {i.reason for i in items[4:]}
    assert len({i.record_id for i in items}) == len(items)


def test_where_there_is_no_queue_yet_the_first_one_begins_with_the_check(engine: Engine, home: Path) -> None:
    fill(engine, queue=False)
    draw_check(engine, "p", size=5, seed=1)
    assert curation.next_items(engine, "p", person="ann", holder="tab-0001", want=1) == []
    build_queue(engine, "p", embeddings=EmbeddingCache(folder=home / "e"), strategy="random")
    items = curation.next_items(engine, "p", person="ann", holder="tab-0001", want=5)
    assert [i.record_id for i in items] == drawn_ids(engine)


def test_a_draw_takes_the_place_of_the_one_before_and_leaves_out_what_is_answered(engine: Engine) -> None:
    fill(engine)
    draw_check(engine, "p", size=5, seed=1)
    first = drawn_ids(engine)
    answer(engine, first[0])
    draw_check(engine, "p", size=6, seed=2)
    second = drawn_ids(engine)
    assert first[0] not in second
    assert report_of(engine).drawn == report_of(engine).waiting == 6
    with reading(engine) as session:
        project = get_project(session, "p")
        queue = current_queue(session, project)
        assert queue is not None
        items = queue_items(session, queue.id, 1_000)
        assert in_check(session, project, first + second) == set(second)
    assert [i.record_id for i in items if i.reason == "check"] == [i.record_id for i in items[:6]] == second
    assert len(items) == queue.open_items


def test_in_a_project_of_tags_the_set_of_tags_is_judged(engine: Engine) -> None:
    fill(engine, kind=Kind.TAGS)
    draw_check(engine, "p", size=2, seed=1)
    right, wrong = drawn_ids(engine)
    for record_id, tags in ((right, ("t",)), (wrong, ())):
        action = Action(client_id=f"c{record_id}", record_id=record_id, kind=ActionKind.CHOOSE, tags=tags)
        curation.apply(engine, "p", person="ann", holder="tab-0001", actions=[action])
    assert sum(s.judged for s in report_of(engine).stages) == 2
    assert sum(s.right for s in report_of(engine).stages) == 1


def test_where_nothing_is_settled_it_says_what_to_do(sqlite: Engine) -> None:
    with writing(sqlite) as session:
        create_project(session, "p", Kind.CATEGORY)
    with pytest.raises(UserError, match="no settled records that nobody answered"):
        draw_check(sqlite, "p")
    assert check_report(sqlite, "p") is None


def test_auto_labels_are_nobodys_answers(engine: Engine) -> None:
    made = fill(engine)
    draw_check(engine, "p", size=5, seed=1)
    with reading(engine) as session:
        project = get_project(session, "p")
        assert annotations_for(session, [r.id for r in made]) == {}
        assert build(session, project).counts["train"] == 0
        assert gold_of(session, project) == {}
    with writing(engine) as session:
        save_annotations(session, project, [Annotation(drawn_ids(engine)[0], "bob", Status.SKIPPED)])
    assert report_of(engine).waiting == 5


def test_the_same_seed_draws_the_same() -> None:
    strata = {Stage.KEYWORDS: range(50), Stage.MODEL: range(50, 1_000)}
    assert draw(strata, 20, 7) == draw(strata, 20, 7) != draw(strata, 20, 8)


@pytest.mark.parametrize(
    ("available", "size", "expected"),
    [([900, 900, 900], 100, [33, 33, 34]), ([5, 900, 900], 100, [5, 47, 48]), ([3, 4], 100, [3, 4]), ([], 100, [])],
)
def test_places_are_given_out_evenly(available: list[int], size: int, expected: list[int]) -> None:
    shares = even_shares(dict(zip(Stage, available, strict=False)), size)
    assert list(shares.values()) == expected


def test_reviewers_see_a_check_and_admins_draw_one(sqlite: Engine, client_of: ClientOf) -> None:
    fill(sqlite)
    router = proposals_routes(sqlite, load_workbench_settings(), None, None)  # type: ignore[arg-type]
    reviewer, admin = client_of(router, role=Role.REVIEWER), client_of(router, role=Role.ADMIN, person="eva")
    path = "/api/proposals/p/spot-check"
    assert reviewer.get(path).json() == {"check": None}
    assert reviewer.post(path, json={}).status_code == 403
    assert admin.post(path, json={"size": 0}).status_code == 422
    assert admin.post(path, json={"size": 3}).json()["check"]["waiting"] == 3
    assert reviewer.get(path).json()["check"]["drawn"] == 3
