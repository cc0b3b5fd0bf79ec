"""What a training of today would have, counted on both databases, beside what a snapshot then holds."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import save_proposals
from db.records import add_record
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, Stage, Status
from training.freezing import build
from workbench.quality.material import Material, training_material

SHARE = 0.5


def filled(engine: Engine, *, by_group: bool = False) -> tuple[Project, list[Record]]:
    """Eighty records, the first sixty labelled, blind in the stream and assisted outside it; an off-list proposal."""
    with writing(engine) as session:
        project = create_project(session, "p", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["a", "b"]}))
        for key, value in (("blind_share", str(SHARE)), ("gate_min_rows", "7"), ("by_group", str(by_group).lower())):
            set_setting(session, project, key, value)
        records = [
            add_record(
                session, project, external_id=f"r{n}", text=f"text {n}", group=f"g{n // 2}" if by_group else None
            )
            for n in range(80)
        ]
        answers = [
            Annotation(r.id, "ann", Status.GIVEN, Answer("a"), blind=in_blind_stream(r.blind_hash, SHARE))
            for r in records[:60]
        ]
        save_annotations(session, project, answers)
        save_proposals(
            session,
            project,
            [
                Proposal(record_id=records[0].id, stage=Stage.IMPORT, source="x", answer=Answer("a"), score=0.5),
                Proposal(records[1].id, Stage.IMPORT, "x", Answer("<b>"), score=0.5, on_list=False),
            ],
        )
    return project, records


@pytest.mark.parametrize("by_group", [False, True])
def test_it_counts_what_a_snapshot_would_hold(engine: Engine, by_group: bool) -> None:
    project, _ = filled(engine, by_group=by_group)
    found = training_material(engine, "p")
    with reading(engine) as session:
        counts = build(session, project).counts
    assert found.training == counts["train"] + counts["validation"] > 0
    assert (found.calibration, found.test) == (counts["calibration"], counts["test"])
    assert found.test > 0
    assert (found.needed, found.proposals) == (7, 1)


def test_an_assisted_answer_in_the_stream_serves_nothing(engine: Engine) -> None:
    project, records = filled(engine)
    before = training_material(engine, "p")
    unlabelled = next(r for r in records[60:] if in_blind_stream(r.blind_hash, SHARE))
    with writing(engine) as session:
        save_annotations(session, project, [Annotation(unlabelled.id, "ann", Status.ACCEPTED, Answer("a"))])
    assert training_material(engine, "p") == before


def test_an_empty_project_has_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        create_project(session, "empty", Kind.BOTH)
    assert training_material(engine, "empty") == Material(training=0, calibration=0, test=0, needed=30, proposals=0)
    with pytest.raises(UserError, match="no project 'nope'"):
        training_material(engine, "nope")
