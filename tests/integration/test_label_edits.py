"""Editing labels: what a change would mean, saving it, and going back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import ConflictError, UserError
from db.label_changes import ChangeKind, LabelChange
from db.label_sets import get_label_set, parse_label_set, save_label_set
from db.projects import create_project
from db.proposals import proposals_for, save_proposals
from db.records import add_record
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, Stage, Status
from workbench.exchange.label_edits import (
    Consequence,
    changes_between,
    consequences,
    label_history,
    save_labels,
    shown_labels,
)

NAME = "отзывы"
LABELS = {"categories": ["обувь", "одежда"], "tags": {"обувь": ["мягкий", "тёплый"], "одежда": ["мягкий"]}}


def make(engine: Engine, kind: Kind = Kind.BOTH, categories: tuple[str | None, ...] = (None,) * 4) -> list[Record]:
    with writing(engine, by="анна") as session:
        project = create_project(session, NAME, kind)
        save_label_set(session, project, parse_label_set(LABELS))
        return [
            add_record(session, project, external_id=f"r{i}", text=f"текст {i}", category=category)
            for i, category in enumerate(categories)
        ]


def answer(engine: Engine, record: Record, category: str | None, *tags: str, client_id: str | None = None) -> None:
    given = Annotation(
        record_id=record.id, person="анна", status=Status.GIVEN, answer=Answer(category, tags), client_id=client_id
    )
    with writing(engine) as session:
        save_annotations(session, project_of(engine), [given])


def project_of(engine: Engine) -> Project:
    return shown_labels(engine, NAME).project


def propose(engine: Engine, record: Record, category: str | None, *tags: str) -> None:
    proposal = Proposal(record_id=record.id, stage=Stage.LLM, source="llm:x", answer=Answer(category, tags), score=0.9)
    with writing(engine) as session:
        save_proposals(session, project_of(engine), [proposal])


def removed(name: str, section: str | None, answers: int, proposals: int) -> Consequence:
    change = LabelChange(kind=ChangeKind.REMOVED, name=name, section=section)
    return Consequence(change=change, answers=answers, proposals=proposals)


def test_removing_labels_says_how_many_answers_and_proposals_use_them(engine: Engine) -> None:
    records = make(engine)
    answer(engine, records[0], "обувь", "мягкий", "тёплый")
    answer(engine, records[1], "обувь")
    answer(engine, records[2], "обувь", client_id="c-undone")
    answer(engine, records[3], "одежда", "мягкий")
    with writing(engine) as session:
        undo = Annotation(record_id=records[2].id, person="анна", status=Status.UNDONE, undoes="c-undone")
        save_annotations(session, project_of(engine), [undo])
    propose(engine, records[0], "обувь", "мягкий")
    propose(engine, records[1], "одежда", "мягкий")
    edited = {"categories": ["одежда"], "tags": {"одежда": ["мягкий"]}}
    assert consequences(engine, NAME, edited) == [
        removed("обувь", None, 2, 1),
        removed("мягкий", "обувь", 1, 1),
        removed("тёплый", "обувь", 1, 0),
    ]


def test_tags_are_counted_where_their_records_category_routes_them(engine: Engine) -> None:
    records = make(engine, Kind.TAGS, ("обувь", "одежда", None, "обувь"))
    for record in records[:3]:
        answer(engine, record, None, "мягкий")
    edited = {"tags": {"обувь": ["тёплый"], "одежда": ["мягкий"]}, "categories": LABELS["categories"]}
    # The one on a record of no category may have been any section's.
    assert consequences(engine, NAME, edited) == [removed("мягкий", "обувь", 2, 0)]


def test_additions_and_changes_count_nothing(engine: Engine) -> None:
    make(engine)
    edited = {**LABELS, "categories": ["обувь", {"name": "одежда", "color": "#123456"}, "посуда"]}
    assert consequences(engine, NAME, edited) == [
        Consequence(change=LabelChange(kind=ChangeKind.ADDED, name="посуда")),
        Consequence(change=LabelChange(kind=ChangeKind.CHANGED, name="одежда", fields=("color",))),
    ]


def test_saving_marks_proposals_that_are_off_the_list_now(engine: Engine) -> None:
    records = make(engine)
    propose(engine, records[0], "обувь")
    saved = save_labels(engine, NAME, {"categories": ["одежда"]}, based_on=1, by="борис")
    assert saved.version == 2
    with reading(engine) as session:
        assert [p.on_list for p in proposals_for(session, [records[0].id])[records[0].id]] == [False]
    history = label_history(engine, NAME)
    assert [(one.version.version, one.version.person) for one in history] == [(2, "борис"), (1, "анна")]
    assert [one.changes for one in history] == [{ChangeKind.REMOVED: 4}, {ChangeKind.ADDED: 5}]
    assert shown_labels(engine, NAME, 1).label_set.category_names == ("обувь", "одежда")
    assert [c.kind for c in changes_between(engine, NAME, old=2, new=1)] == [ChangeKind.ADDED] * 4
    assert changes_between(engine, NAME, old=0, new=2) == [LabelChange(kind=ChangeKind.ADDED, name="одежда")]


def test_of_two_who_save_at_once_one_is_told(engine: Engine) -> None:
    make(engine)
    together = Barrier(2)

    def save(person: str) -> str:
        together.wait()
        try:
            save_labels(engine, NAME, {"categories": [person]}, based_on=1, by=person)
        except ConflictError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(save, ["анна", "борис"]))
    assert told[0] == ""
    assert "saved by somebody else meanwhile (version 2, you edited version 1)" in told[1]
    with reading(engine) as session:
        assert get_label_set(session, project_of(engine)).version == 2


def test_a_label_set_at_fault_changes_nothing(engine: Engine) -> None:
    make(engine)
    with pytest.raises(UserError, match="two labels named 'a'"):
        save_labels(engine, NAME, {"categories": ["a", "a"]}, based_on=1, by="борис")
    with pytest.raises(UserError, match="no label set version 7"):
        shown_labels(engine, NAME, 7)
    assert len(label_history(engine, NAME)) == 1


def test_a_project_without_labels_has_no_versions_of_them(engine: Engine) -> None:
    with writing(engine, by="анна") as session:
        create_project(session, NAME, Kind.BOTH)
    assert label_history(engine, NAME) == []
