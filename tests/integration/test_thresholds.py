"""Thresholds with a guarantee, found on the blind stream's calibration half and put in force."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.audit import list_changes
from db.engine import reading, writing
from db.errors import ConflictError, UserError
from db.project_settings import get_settings, set_setting
from db.projects import create_project, get_project
from db.proposals import save_proposals
from db.records import add_record
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Half, Kind, Proposal, Record, Role, Stage, Status
from training.freezing import build
from workbench.cli import main
from workbench.proposing.settled import settled
from workbench.quality.thresholds import StageThreshold, ThresholdReport, apply_thresholds, find_thresholds
from workbench.settings import load_workbench_settings
from workbench.ui.pages.proposals import proposals_routes

SHARE = 0.6
ClientOf = Callable[..., TestClient]


@dataclass(frozen=True)
class World:
    """Records by where they stand: a half of the stream, or outside it."""

    calibration: list[Record]
    test: list[Record]
    outside: list[Record]


def fill(engine: Engine, *, records: int = 900, kind: Kind = Kind.CATEGORY, group: str | None = None) -> World:
    """Everything in the stream is answered "a", blind; nothing outside it."""
    with writing(engine) as session:
        project = create_project(session, "p", kind)
        set_setting(session, project, "blind_share", str(SHARE))
        made = [
            add_record(session, project, external_id=f"r{n}", text=f"text {n}", group=group) for n in range(records)
        ]
        stream = [r for r in made if in_blind_stream(r.blind_hash, SHARE)]
        tags = () if kind.asks_tags else None
        save_annotations(
            session, project, [Annotation(r.id, "ann", Status.GIVEN, Answer("a", tags), blind=True) for r in stream]
        )
    return World(
        calibration=[r for r in stream if r.half is Half.CALIBRATION],
        test=[r for r in stream if r.half is Half.TEST],
        outside=[r for r in made if not in_blind_stream(r.blind_hash, SHARE)],
    )


def propose(
    engine: Engine, stage: Stage, given: Mapping[int, tuple[str, float]], *, tags: tuple[str, ...] | None = None
) -> None:
    """`given` is (category, score) by record id."""
    source = f"{stage.value}:x"
    proposals = [Proposal(i, stage, source, Answer(name, tags), score=score) for i, (name, score) in given.items()]
    with writing(engine) as session:
        save_proposals(session, get_project(session, "p"), proposals)


def graded(records: list[Record], wrong: float = 0.3) -> dict[int, tuple[str, float]]:
    """Scores from nearly 1 downwards; the last `wrong` of them, where it is unsure, say "b"."""
    count = len(records)
    return {r.id: ("a" if at < (1 - wrong) * count else "b", 0.99 - 0.9 * at / count) for at, r in enumerate(records)}


def one(report: ThresholdReport, stage: Stage) -> StageThreshold:
    (found,) = [s for s in report.stages if s.stage is stage]
    return found


def test_a_stage_gets_the_lowest_threshold_that_can_be_promised(engine: Engine) -> None:
    world = fill(engine)
    for part in (world.calibration, world.test, world.outside):
        propose(engine, Stage.MODEL, graded(part))
    report = find_thresholds(engine, "p")
    model = one(report, Stage.MODEL)
    assert [s.stage for s in report.stages] == [Stage.MODEL]
    assert (report.calibration, report.test) == (len(world.calibration), len(world.test))
    assert report.open == len(world.outside)
    assert report.stage_confidence == pytest.approx(0.9)
    assert model.found.rows == len(world.calibration) >= 200
    assert model.found.lower >= 0.95 <= (model.found.precision or 0)
    # Wrong begins below 0.99 - 0.9 * 0.7 = 0.36.
    assert 0.3 < model.threshold < 0.4
    assert model.accepted == sum(score >= model.threshold for _, score in graded(world.outside).values())
    assert (model.test.n, model.test.right) == (
        sum(score >= model.threshold for _, score in graded(world.test).values()),
        sum(score >= model.threshold and name == "a" for name, score in graded(world.test).values()),
    )


def test_only_blind_answers_of_the_calibration_half_choose(engine: Engine) -> None:
    world = fill(engine)
    # Right outside and in the test half, always wrong where it counts.
    for part, name in ((world.calibration, "b"), (world.test, "a"), (world.outside, "a")):
        propose(engine, Stage.MODEL, {r.id: (name, 0.9) for r in part})
    with writing(engine) as session:
        answers = [Annotation(r.id, "ann", Status.GIVEN, Answer("b")) for r in world.calibration]
        save_annotations(session, get_project(session, "p"), answers)
    model = one(find_thresholds(engine, "p"), Stage.MODEL)
    assert (model.found.threshold, model.found.right, model.found.missing) == (None, 0, 0)
    assert model.test.right == model.test.n == len(world.test)


def test_the_rows_are_those_that_a_snapshot_calls_calibration(engine: Engine) -> None:
    world = fill(engine, records=60)
    propose(engine, Stage.MODEL, graded(world.calibration))
    report = find_thresholds(engine, "p")
    with reading(engine) as session:
        counts = build(session, get_project(session, "p")).counts
    assert (report.calibration, report.test) == (counts["calibration"], counts["test"])
    assert one(report, Stage.MODEL).found.missing == 200 - counts["calibration"]


def test_a_stage_sees_only_what_no_earlier_one_settles(engine: Engine) -> None:
    world = fill(engine)
    first, rest = world.calibration[:220], world.calibration[220:]
    propose(engine, Stage.KEYWORDS, {r.id: ("a", 0.95) for r in first})
    propose(engine, Stage.MODEL, {r.id: ("b", 0.99) for r in first} | {r.id: ("a", 0.8) for r in rest})
    report = find_thresholds(engine, "p")
    assert one(report, Stage.KEYWORDS).threshold == 0.95
    model = one(report, Stage.MODEL)
    assert model.found.rows == len(rest) < 200
    assert model.found.missing == 200 - len(rest)
    assert report.stage_confidence == pytest.approx(0.95)


def test_the_surest_of_a_stages_sources_speaks_and_off_list_ones_do_not(engine: Engine) -> None:
    world = fill(engine)
    rows = world.calibration
    with writing(engine) as session:
        for source, name, score, on_list in (("m1", "b", 0.6, True), ("m2", "a", 0.9, True), ("m3", "b", 0.99, False)):
            proposals = [Proposal(r.id, Stage.MODEL, source, Answer(name), score=score, on_list=on_list) for r in rows]
            save_proposals(session, get_project(session, "p"), proposals)
    model = one(find_thresholds(engine, "p"), Stage.MODEL)
    assert (model.threshold, model.found.right) == (0.9, len(rows))


def test_a_text_and_a_group_count_once(engine: Engine) -> None:
    fill(engine, records=30, group="one")
    report = find_thresholds(engine, "p")
    assert report.calibration + report.test <= 1


def test_in_a_project_of_both_only_whole_proposals_count(engine: Engine) -> None:
    world = fill(engine, kind=Kind.BOTH)
    propose(engine, Stage.MODEL, graded(world.calibration))
    assert find_thresholds(engine, "p").stages == ()
    propose(engine, Stage.MODEL, graded(world.calibration), tags=("t",))
    assert one(find_thresholds(engine, "p"), Stage.MODEL).found.threshold is not None


def test_taking_over_changes_what_is_settled_and_is_noted(engine: Engine) -> None:
    world = fill(engine)
    for part in (world.calibration, world.test, world.outside):
        propose(engine, Stage.MODEL, graded(part))
    report = apply_thresholds(engine, "p", by="eva")
    with reading(engine) as session:
        in_force = get_settings(session, get_project(session, "p")).thresholds
        (change,) = list_changes(session, person="eva")
    model = one(report, Stage.MODEL)
    assert in_force[Stage.MODEL] == model.found.threshold
    assert in_force[Stage.KEYWORDS] == 0.9
    assert (change.action, change.subject, change.old, change.new) == (
        "setting.set",
        "threshold.model",
        0.9,
        model.threshold,
    )
    parts = (world.calibration, world.test, world.outside)
    sure = sum(score >= model.threshold for part in parts for _, score in graded(part).values())
    assert settled(engine, "p").by_stage == {Stage.MODEL: sure}
    assert find_thresholds(engine, "p").changes == {}


def test_what_has_changed_since_it_was_shown_is_not_taken_over(engine: Engine) -> None:
    world = fill(engine)
    propose(engine, Stage.MODEL, graded(world.calibration))
    with pytest.raises(ConflictError, match="look again"):
        apply_thresholds(engine, "p", expected={Stage.MODEL: 0.123})
    with reading(engine) as session:
        assert get_settings(session, get_project(session, "p")).thresholds[Stage.MODEL] == 0.9


@pytest.mark.parametrize("wrong", [0.2, 1.0, float("nan")])
def test_a_promise_out_of_reach_is_refused_by_its_name(sqlite: Engine, wrong: float) -> None:
    fill(sqlite, records=2)
    with pytest.raises(UserError, match="confidence: use a number from"):
        find_thresholds(sqlite, "p", confidence=wrong)


def test_a_project_of_tags_has_no_guarantee(sqlite: Engine) -> None:
    with writing(sqlite) as session:
        create_project(session, "t", Kind.TAGS)
    with pytest.raises(UserError, match="'t' asks for tags only"):
        find_thresholds(sqlite, "t")


def test_the_page_shows_it_to_reviewers_and_lets_admins_take_over(sqlite: Engine, client_of: ClientOf) -> None:
    world = fill(sqlite)
    for part in (world.calibration, world.outside):
        propose(sqlite, Stage.MODEL, graded(part))
    router = proposals_routes(sqlite, load_workbench_settings(), None, None)  # type: ignore[arg-type]
    reviewer, admin = client_of(router, role=Role.REVIEWER), client_of(router, role=Role.ADMIN, person="eva")
    path = "/api/proposals/p/guarantee"
    found = reviewer.get(path, params={"precision": 0.9}).json()
    (model,) = found["stages"]
    assert (model["stage"], model["current"], found["precision"]) == ("model", 0.9, 0.9)
    assert found["changes"] == {"model": model["threshold"]}
    body = {"precision": 0.9, "confidence": 0.9, "thresholds": found["changes"]}
    assert reviewer.post(path, json=body).status_code == 403
    assert admin.post(path, json=body | {"thresholds": {}}).status_code == 409
    assert admin.post(path, json=body).json()["changes"] == {}
    assert reviewer.get(path, params={"precision": 1}).status_code == 422
    assert reviewer.get("/api/proposals/q/guarantee").status_code == 404


def test_the_command_says_it_in_lines_and_as_json(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = fill(sqlite)
    propose(sqlite, Stage.MODEL, graded(world.calibration))
    propose(sqlite, Stage.LLM, {r.id: ("b", 0.9) for r in world.calibration[:9]})

    def workbench(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["workbench", "thresholds", "-p", "p", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        assert not caught.value.code
        return capsys.readouterr().out

    said = workbench()
    assert "model  0.9 → 0.3" in said
    assert "llm  0 calibration rows, 200 more are needed; stays at 0" in said
    assert "add --apply" in said
    found = json.loads(workbench("--apply", "--json"))
    assert found["applied"] is True
    assert list(found["changes"]) == ["model"]
    assert "nothing to change" in workbench()
