"""What a project's records are like, on real databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.errors import UserError
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.records import add_record
from db.tables import ImportRow, RecordRow
from db.types import Annotation, Answer, Kind, Project, Status
from workbench.quality.profile import profile
from workbench.quality.scripts import Script

NAME = "отзывы"
LABELS = {"categories": ["обувь", "одежда"], "tags": {"обувь": ["мягкий"], "одежда": ["тёплый"]}}


def make(engine: Engine, kind: Kind = Kind.BOTH) -> Project:
    with writing(engine) as session:
        project = create_project(session, NAME, kind)
        save_label_set(session, project, parse_label_set(LABELS))
    return project


def test_texts_gaps_and_attributes_are_counted(engine: Engine) -> None:
    project = make(engine)
    with writing(engine) as session:
        add_record(session, project, external_id="1", text="Отличные ботинки", group="S1", attributes={"бренд": "Y"})
        add_record(session, project, external_id="2", text="отличные  БОТИНКИ", group="S1", category="обувь")
        add_record(session, project, external_id="3", text="ok", attributes={"бренд": "Y", "<b>": "=1+1"})
        unfinished = ImportRow(project_id=project.id, file="f")
        session.add(unfinished)
        session.flush()
        hidden = add_record(session, project, external_id="4", text="ещё не видно")
        session.get_one(RecordRow, hidden.id).import_id = unfinished.id
    found = profile(engine, NAME)
    assert (found.records, found.read, found.texts, found.repeated_texts) == (3, 3, 2, 1)
    assert [(r.times, r.external_id) for r in found.most_repeated] == [(2, "1")]
    assert (found.scripts[Script.CYRILLIC], found.scripts[Script.LATIN], found.near_empty) == (2, 1, 1)
    assert found.lengths is not None
    assert (found.lengths.longest, sum(found.lengths.counts)) == (17, 3)
    assert (found.gaps.groups, found.gaps.without_group, found.gaps.without_category) == (1, 1, 2)
    assert [(a.name, a.filled, a.values, a.common) for a in found.attributes] == [
        ("бренд", 2, 1, (("Y", 2),)),
        ("<b>", 1, 1, (("=1+1", 1),)),
    ]


def test_labels_that_no_answer_holds_are_named_once_there_are_answers(engine: Engine) -> None:
    project = make(engine)
    with writing(engine) as session:
        records = [add_record(session, project, external_id=str(i), text=f"текст {i}") for i in range(2)]
    before = profile(engine, NAME).gaps
    assert (before.answered, before.labels, before.tags) == (False, (), ())
    given = [
        Annotation(
            record_id=records[0].id,
            person="анна",
            status=Status.GIVEN,
            answer=Answer("обувь", ("мягкий",)),
            client_id="c1",
        ),
        Annotation(
            record_id=records[1].id, person="анна", status=Status.GIVEN, answer=Answer("одежда", ()), client_id="c2"
        ),
        Annotation(record_id=records[1].id, person="анна", status=Status.UNDONE, undoes="c2"),
    ]
    with writing(engine) as session:
        save_annotations(session, project, given)
    after = profile(engine, NAME).gaps
    assert (after.answered, after.labels, after.tags) == (True, ("одежда",), ("тёплый",))


def test_an_empty_project_has_an_empty_profile(engine: Engine) -> None:
    make(engine, Kind.CATEGORY)
    found = profile(engine, NAME)
    assert (found.records, found.read, found.lengths, found.attributes) == (0, 0, None, ())


def test_of_a_large_project_a_sample_is_looked_at_with_all_twins_of_its_texts(engine: Engine) -> None:
    project = make(engine, Kind.CATEGORY)
    with writing(engine) as session:
        for number in range(400):
            add_record(session, project, external_id=str(number), text=f"текст {number // 2}", group="S")
    found = profile(engine, NAME, most=100)
    assert found.records == 400
    assert 60 < found.read < 140
    assert found.read == 2 * found.texts == 2 * found.repeated_texts
    assert (found.gaps.groups, found.gaps.without_group) == (1, 0)


def test_an_unknown_project_is_the_users_error(engine: Engine) -> None:
    with pytest.raises(UserError, match="no project"):
        profile(engine, NAME)
