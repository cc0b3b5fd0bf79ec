"""The records page's services and routes: pages of a list, what can be chosen, and one record's whole history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import NotFoundError, UserError
from db.label_sets import parse_label_set, save_label_set
from db.leases import lease
from db.model_versions import ModelVersion, save_version
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import save_proposals
from db.queues import QueueItem, save_queue
from db.records import add_record, find_by_external_ids
from db.snapshots import save_snapshot
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, RecordStatus, Role, Stage, Status
from tests.conftest import ClientOf
from training import snapshot as snapshots
from training.freezing import build
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest
from workbench.quality.gold_story import Why
from workbench.quality.history import record_history
from workbench.quality.record_list import MOST, choices, list_records
from workbench.quality.record_request import read_request
from workbench.serving.prediction_ids import issue_ids
from workbench.ui.pages.records import records_routes

MOMENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def make(engine: Engine, kind: Kind = Kind.CATEGORY) -> tuple[Project, list[Record]]:
    with writing(engine) as session:
        project = create_project(session, "p", kind)
        save_label_set(session, project, parse_label_set({"categories": ["A", "B"], "tags": {"A": ["x", "y"]}}))
        set_setting(session, project, "blind_share", "0")
        made = [
            add_record(session, project, external_id=f"r{i}", text=f"текст {i}", group="SKU" if i < 3 else None)
            for i in range(5)
        ]
    return project, made


def given(record: Record, label: str, by: str = "анна", **details: Any) -> Annotation:
    return Annotation(record_id=record.id, person=by, answer=Answer(label), **({"status": Status.GIVEN} | details))


def proposed(record: Record, label: str, **details: Any) -> Proposal:
    fields: dict[str, Any] = {"stage": Stage.LLM, "source": "llm:x", "score": 0.8} | details
    return Proposal(record_id=record.id, answer=Answer(label), **fields)


def save(engine: Engine, project: Project, *rows: Annotation | Proposal) -> None:
    with writing(engine) as session:
        for row in rows:
            if isinstance(row, Annotation):
                save_annotations(session, project, [row])
            else:
                save_proposals(session, project, [row])


def test_a_page_of_a_list_says_what_people_and_machines_say(engine: Engine) -> None:
    project, (one, two, three, *_) = make(engine)
    save(engine, project, proposed(one, "A"), proposed(one, "B", source="llm:y", score=0.3), proposed(two, "A"))
    save(engine, project, given(one, "B"), given(one, "B", "борис"), given(two, "A"))
    save(engine, project, given(three, "", status=Status.FLAGGED))
    page = list_records(engine, "p", read_request({"size": "4"}))
    assert (page.total, page.more, page.page, page.size, len(page.lines)) == (5, False, 1, 4, 4)
    first, second, third, fourth = page.lines
    assert (first.external_id, first.status, first.people) == ("r0", RecordStatus.ANSWERED, ("борис", "анна"))
    assert first.gold == Answer("B")
    assert first.proposal is not None
    assert (first.proposal.source, first.proposal.differs) == ("llm:x", True)
    assert second.proposal is not None
    assert second.proposal.differs is False
    assert (third.status, third.flagged, third.gold, third.people) == (RecordStatus.FLAGGED, True, None, ("анна",))
    assert (fourth.status, fourth.annotated_at, fourth.proposal) == (RecordStatus.UNANSWERED, None, None)
    assert [line.external_id for line in list_records(engine, "p", read_request({"size": "4", "page": "2"})).lines] == [
        "r4"
    ]
    assert list_records(engine, "p", read_request({"page": "3"})).lines == ()


def test_the_proposal_shown_is_the_one_that_the_filter_speaks_of(engine: Engine) -> None:
    project, (one, *_) = make(engine)
    save(engine, project, proposed(one, "A"), proposed(one, "B", source="llm:y", score=0.3), given(one, "A"))

    def shown(**given_parameters: str) -> str | None:
        (line,) = list_records(engine, "p", read_request(given_parameters)).lines
        return None if line.proposal is None else line.proposal.source

    assert shown(category="A") == "llm:x"
    assert shown(source="llm:y") == "llm:y"
    assert shown(disagree="yes") == "llm:y"
    assert shown(proposed="B") == "llm:y"


def test_a_count_ends_at_the_most_that_can_be_paged_through(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    make(engine)
    monkeypatch.setattr("workbench.quality.record_list.MOST", 3)
    page = list_records(engine, "p", read_request({"size": "2", "page": "2"}))
    assert (page.total, page.more, len(page.lines)) == (3, True, 1)
    assert MOST == 10_000


def test_what_can_be_chosen_is_what_there_is(engine: Engine) -> None:
    project, (one, two, *_) = make(engine)
    save(engine, project, proposed(one, "A"), proposed(two, "A", stage=Stage.KEYWORDS, source="keywords"))
    save(engine, project, given(one, "A", "борис"), given(two, "gone"))
    found = choices(engine, "p")
    assert (found.categories, found.tags) == (("A", "B", "gone"), ("x", "y"))
    assert (found.sources, found.stages) == (("keywords", "llm:x"), (Stage.KEYWORDS, Stage.LLM))
    assert (found.people, found.kind, found.overlap) == (("анна", "борис"), Kind.CATEGORY, 1)


def test_the_history_tells_everything_in_its_order(engine: Engine, home: Path) -> None:
    project, (one, two, three, *_) = make(engine)
    save(engine, project, proposed(one, "A", version="1"), proposed(one, "B", version="2", cost=0.01, rationale="ведь"))
    save(engine, project, given(one, "A", client_id="c1", comment="хм", duration_ms=1200, annotated_at=MOMENT))
    save(engine, project, Annotation(one.id, "анна", Status.UNDONE, client_id="c2", undoes="c1"))
    (prediction,) = issue_ids("p", "7", [one.text], [Answer("A")])
    save(engine, project, given(one, "B", "борис", shown=(2,), prediction_id=prediction))
    with writing(engine) as session:
        save_queue(
            session, project, "random", [QueueItem(two.id, "random"), QueueItem(one.id, "margin|A|0.41|B|0.39", 0.1)]
        )
        lease(session, project, person="вера", holder="tab", want=1)
    told = record_history(engine, "p", one.id, snapshots=home)
    assert [(p.proposal.version, p.newest, p.shown) for p in told.proposals] == [("1", False, False), ("2", True, True)]
    assert told.proposals[1].proposal.rationale == "ведь"
    assert [(a.annotation.status, a.stands) for a in told.annotations] == [
        (Status.GIVEN, False),
        (Status.UNDONE, False),
        (Status.GIVEN, True),
    ]
    assert (told.annotations[0].annotation.comment, told.annotations[0].annotation.annotated_at) == ("хм", MOMENT)
    assert told.gold is not None
    assert (told.gold.answer, told.why, told.status) == (Answer("B"), Why.ONLY, RecordStatus.ANSWERED)
    assert [relative.external_id for relative in told.group] == ["r1", "r2"]
    assert told.place is not None
    assert (told.place.position, told.place.strategy, told.place.score) == (2, "random", 0.1)
    assert told.held == ()
    (held,) = record_history(engine, "p", two.id, snapshots=home).held
    assert held.person == "вера"
    assert record_history(engine, "p", three.id, snapshots=home).place is None


def test_it_names_the_import_and_the_twins(engine: Engine, home: Path) -> None:
    path = home / "отзывы.jsonl"
    rows = [{"id": "a", "text": "  одно ", "label": "A"}, {"id": "b", "text": "Одно", "label": "A"}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    import_file(
        engine,
        ImportRequest(path=path, project="p", kind=Kind.CATEGORY, id_column="id", labels_column="label", by="анна"),
        home=home,
    )
    told = record_history(engine, "p", _id_of(engine, "a"), snapshots=home)
    assert told.imported is not None
    assert Path(told.imported.file).name == "отзывы.jsonl"
    assert told.imported.completed_at is not None
    assert told.annotations[0].imported == told.imported
    assert [twin.external_id for twin in told.twins] == ["b"]


def _id_of(engine: Engine, external_id: str) -> int:
    with reading(engine) as session:
        return find_by_external_ids(session, Project(1, "p", Kind.CATEGORY), [external_id])[external_id].id


@pytest.mark.parametrize("by_group", [False, True])
def test_it_names_the_versions_that_learnt_from_it(engine: Engine, home: Path, by_group: bool) -> None:
    project, (one, two, *_, last) = make(engine)
    save(engine, project, given(one, "A"), given(last, "B"))
    with writing(engine) as session:
        set_setting(session, project, "by_group", str(by_group).lower())
    with reading(engine) as session:
        frozen = build(session, project)
    snapshots.save(frozen, home)
    version = ModelVersion(
        model_name="p",
        version="3",
        run_id="r",
        recipe="tfidf",
        snapshot=frozen.fingerprint,
        verdict="promote",
        person="я",
    )
    with writing(engine) as session:
        save_snapshot(session, project, frozen.fingerprint, frozen.counts)
        save_version(session, project, version)
    (learnt,) = record_history(engine, "p", one.id, snapshots=home).learnt
    assert (learnt.fingerprint, learnt.versions) == (frozen.fingerprint, ("3",))
    assert {split.value for split in learnt.splits} <= {"train", "validation"}
    other = record_history(engine, "p", two.id, snapshots=home)
    assert (len(other.learnt), other.answered_as) == ((1, one.id) if by_group else (0, None))
    assert record_history(engine, "p", one.id, snapshots=home / "gone").learnt == ()


def test_a_record_of_another_project_is_not_found(engine: Engine, home: Path) -> None:
    _, (one, *_) = make(engine)
    with writing(engine) as session:
        create_project(session, "q", Kind.CATEGORY)
    with pytest.raises(NotFoundError, match="'q' has no record"):
        record_history(engine, "q", one.id, snapshots=home)
    with pytest.raises(UserError, match="no project"):
        list_records(engine, "nobody", read_request({}))


def test_the_routes_give_it_to_reviewers_in_plain_json(sqlite: Engine, home: Path, client_of: ClientOf) -> None:
    project, (one, *_) = make(sqlite)
    (prediction,) = issue_ids("p", "7", [one.text], [Answer("A")])
    save(sqlite, project, given(one, "B", prediction_id=prediction), given(one, "B", prediction_id="made-up"))
    with writing(sqlite) as session:
        save_queue(session, project, "random", [QueueItem(one.id, "random")])
    client = client_of(records_routes(sqlite, home), role=Role.REVIEWER)
    listed = client.get("/api/records/p", params={"text": "ТЕКСТ 0"}).json()
    assert [line["external_id"] for line in listed["lines"]] == ["r0"]
    assert client.get("/api/records/p/choices").json()["people"] == ["анна"]
    told = client.get(f"/api/records/p/{one.id}").json()
    assert [a["predicted_by"] for a in told["annotations"]] == ["7", None]
    assert told["place"]["reason"] == {"en": "random", "ru": "случайная запись"}
    refused = client.get("/api/records/p", params={"size": "1000"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "size: a whole number from 1 to 200 (got '1000')")
    assert client.get("/api/records/p/999").status_code == 404
    assert client.get("/api/records/p/0").status_code == 422
    for path in ("p", "p/choices", f"p/{one.id}"):
        assert (
            client_of(records_routes(sqlite, home), role=Role.ANNOTATOR).get(f"/api/records/{path}").status_code == 403
        )
        assert client_of(records_routes(sqlite, home), role=None).get(f"/api/records/{path}").status_code == 401
