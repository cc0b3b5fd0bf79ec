"""Every filter of the records against a slow one in plain Python that asks the rules themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from db.annotation_log import all_annotations, standing
from db.annotations import save_annotations
from db.engine import reading, writing
from db.gold import resolve
from db.imports import add_records, complete_import, start_import
from db.project_settings import ProjectSettings, set_setting
from db.projections import ensure_projections
from db.projects import create_project, get_project
from db.proposals import iterate_proposals, latest_by_source, save_proposals
from db.record_filter import RecordFilter, RecordSort, find_records
from db.record_states import state_of
from db.records import add_record, get_records, identity
from db.text_keys import in_blind_stream, normalise
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, RecordStatus, Stage, Status
from workbench.proposing.stage import ends_cascade
from workbench.quality.record_list import differs

LABELS, TAGS = ("A", "B", 'о"б,у\\вь'), ("мягкий", "тёплый", 'a","b', "b")
TEXTS = (
    "Платье ПОДОШЛО",
    "платье — Straße",
    "Чайник Ёлка",
    "100% хлопок_",
    "ﬁne 'x'",
    "a\u00a0b\tc",
    "👗 платье",
    "ДОМ\\мод",
)
NEEDLES = ("платье", "ПЛАТЬЕ", "STRASSE", "ёлка", "%", "_", "'x'", "FINE", "a b", "👗", "\\", " ", "нет такого", "лать")
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
SHARE = 0.4


@dataclass(frozen=True, kw_only=True)
class World:
    """A project and what the rules say of it."""

    project: Project
    overlap: int
    records: list[Record]
    log: dict[int, list[Annotation]]
    proposals: dict[int, list[Proposal]]


def make(engine: Engine, seed: int, overlap: int, name: str = "p") -> World:
    dice = random.Random(seed)
    with writing(engine) as session:
        project = create_project(session, name, Kind.BOTH)
        set_setting(session, project, "blind_share", str(SHARE))
        set_setting(session, project, "overlap", str(overlap))
        ids = [_record(session, project, dice, number).id for number in range(40)]
        save_proposals(session, project, [_proposal(dice, i) for i in ids * 3 if dice.random() < 0.6])
        for annotation in _annotations(dice, ids):
            save_annotations(session, project, [replace(annotation, client_id=f"{name}-{annotation.client_id}")])
    ensure_projections(engine, project)
    with reading(engine) as session:
        by_record: dict[int, list[Proposal]] = {}
        for proposal in iterate_proposals(session, project):
            by_record.setdefault(proposal.record_id, []).append(proposal)
        log = all_annotations(session, project)
        return World(project=project, overlap=overlap, records=get_records(session, ids), log=log, proposals=by_record)


def _record(session: Any, project: Project, dice: random.Random, number: int) -> Record:
    text = " ".join(dice.choices(TEXTS, k=dice.randint(1, 4))) + str(number)
    group = dice.choice([None, "SKU 1", "sku 1"])
    return add_record(session, project, external_id=f"r{number}-Ж", text=text, group=group)


def _answer(dice: random.Random) -> Answer:
    tags = None if dice.random() < 0.2 else tuple(dice.sample(TAGS, dice.randint(0, 3)))
    return Answer(dice.choice([*LABELS, None]), tags)


def _proposal(dice: random.Random, record_id: int) -> Proposal:
    stage = dice.choice([Stage.KEYWORDS, Stage.LLM])
    return Proposal(
        record_id=record_id,
        stage=stage,
        source=dice.choice(["x", "y"]),
        version=dice.choice("123"),
        answer=_answer(dice),
        score=dice.choice([None, 0.1, 0.5, 0.5, 0.9]),
        on_list=dice.random() < 0.8,
    )


def _annotations(dice: random.Random, ids: list[int]) -> Iterator[Annotation]:
    made: list[Annotation] = []
    for number in range(90):
        undone = dice.choice(made) if made and dice.random() < 0.15 else None
        status = Status.UNDONE if undone else dice.choice([s for s in Status if s is not Status.UNDONE])
        made.append(
            Annotation(
                record_id=undone.record_id if undone else dice.choice(ids[:30]),
                person=undone.person if undone else dice.choice(["анна", "борис"]),
                status=status,
                answer=_answer(dice) if status.is_answer else Answer(),
                blind=dice.random() < 0.3,
                client_id=f"c{number:03}",
                undoes=None if undone is None else undone.client_id,
                annotated_at=START + timedelta(hours=dice.randrange(96)),
            )
        )
        yield replace(made[-1], undoes=None if undone is None else f"p-{undone.client_id}")


def expected(world: World, wanted: RecordFilter) -> list[int]:
    found = [record for record in world.records if _is_wanted(world, wanted, record)]
    keys = {
        RecordSort.ID: lambda r: r.id,
        RecordSort.LENGTH: lambda r: len(r.text),
        RecordSort.NEWEST: lambda r: None if (state := _state(world, r)) is None else state.annotated_at,
        RecordSort.SCORE: lambda r: max(
            (p.score for p in _meant(world, wanted, r) if p.score is not None), default=None
        ),
    }
    key = keys[wanted.sort]
    valued = [r for r in found if key(r) is not None]
    valued.sort(key=key, reverse=wanted.descending)
    return [r.id for r in valued] + [r.id for r in found if key(r) is None]


def _state(world: World, record: Record) -> Any:
    return state_of(world.log.get(record.id, []), world.overlap)


def _is_wanted(world: World, wanted: RecordFilter, record: Record) -> bool:
    state = _state(world, record)
    gold = resolve(world.log.get(record.id, []), overlap=world.overlap)
    answer = Answer() if gold is None else gold.answer
    rules = [
        normalise(wanted.text) in normalise(record.text),
        wanted.external_id in record.external_id,
        wanted.group in (None, record.group),
        wanted.blind in (None, in_blind_stream(record.blind_hash, SHARE)),
        wanted.category in (None, answer.category),
        wanted.tag is None or wanted.tag in (answer.tags or ()),
        _has_status(wanted.status, state),
        wanted.settled in (None, _settled_by(world, record)),
        not wanted.asks_proposals or bool(_meant(world, wanted, record)),
        not wanted.asks_annotations or any(_by(wanted, a) for a in standing(world.log.get(record.id, []))),
    ]
    return all(rules)


def _has_status(status: RecordStatus | None, state: Any) -> bool:
    if status is None or state is None:
        return status in (None, RecordStatus.UNANSWERED)
    if status is RecordStatus.FLAGGED:
        return bool(state.flagged)
    accepted = {status} | ({RecordStatus.WAITING} if status is RecordStatus.ANSWERED else set())
    return state.status in accepted


def _settled_by(world: World, record: Record) -> Stage | None:
    settings, latest = ProjectSettings(), latest_by_source(world.proposals.get(record.id, []))
    sure = [p.stage for p in latest if ends_cascade(Kind.BOTH, p, settings)]
    return min(sure, key=settings.stages.index, default=None)


def _meant(world: World, wanted: RecordFilter, record: Record) -> list[Proposal]:
    gold = resolve(world.log.get(record.id, []), overlap=world.overlap)
    return [
        p
        for p in latest_by_source(world.proposals.get(record.id, []))
        if p.on_list
        and wanted.proposed in (None, p.answer.category)
        and (wanted.proposed_tag is None or wanted.proposed_tag in (p.answer.tags or ()))
        and wanted.stage in (None, p.stage)
        and wanted.source in (None, p.source)
        and (not wanted.disagrees or (gold is not None and differs(p.answer, gold.answer)))
    ]


def _by(wanted: RecordFilter, annotation: Annotation) -> bool:
    when = annotation.annotated_at
    assert when is not None
    return (
        wanted.person in (None, annotation.person)
        and (wanted.since is None or when >= wanted.since)
        and (wanted.until is None or when < wanted.until)
    )


VALUES: dict[str, list[Any]] = {
    "text": list(NEEDLES),
    "external_id": ["r1", "-ж", "-Ж", "%", "нет"],
    "group": ["SKU 1", "sku 1", ""],
    "status": list(RecordStatus),
    "category": [*LABELS, "нет"],
    "tag": [*TAGS, ",", "нет"],
    "proposed": [*LABELS, "нет"],
    "proposed_tag": [*TAGS, "нет"],
    "stage": [Stage.KEYWORDS, Stage.LLM, Stage.MODEL],
    "settled": [Stage.KEYWORDS, Stage.LLM, Stage.MODEL],
    "source": ["x", "y", "нет"],
    "disagrees": [True],
    "blind": [True, False],
    "person": ["анна", "борис", "нет"],
    "since": [START + timedelta(hours=h) for h in (0, 30, 95)],
    "until": [START + timedelta(hours=h) for h in (1, 50)],
}
ORDERS = [{"sort": sort, "descending": descending} for sort in RecordSort for descending in (False, True)]


@pytest.mark.parametrize("overlap", [1, 2])
def test_each_condition_alone_in_each_order_finds_what_the_rules_find(engine: Engine, overlap: int) -> None:
    world = make(engine, overlap, overlap)
    assert set(VALUES) | {"sort", "descending"} == {field.name for field in fields(RecordFilter)}
    with reading(engine) as session:
        for name, values in VALUES.items():
            for place, value in enumerate(values):
                for order in ORDERS if place == 0 else ORDERS[:1]:
                    wanted = RecordFilter(**{name: value}, **order)
                    assert find_records(session, world.project, wanted, limit=100) == expected(world, wanted), wanted


@pytest.mark.parametrize("seed", [3, 4])
def test_any_conditions_together_find_what_the_rules_find(engine: Engine, seed: int) -> None:
    world, dice, some = make(engine, seed, 1 + seed % 2), random.Random(seed), 0
    with reading(engine) as session:
        for _ in range(150):
            chosen = {name: dice.choice(VALUES[name]) for name in dice.sample(list(VALUES), dice.randint(0, 3))}
            wanted = RecordFilter(**chosen, **dice.choice(ORDERS))
            found = find_records(session, world.project, wanted, limit=100)
            assert found == expected(world, wanted), wanted
            some += bool(found)
            assert find_records(session, world.project, wanted, limit=3) == found[:3]
    assert some > 50


def test_what_is_not_visible_and_what_is_anothers_is_never_found(engine: Engine) -> None:
    world = make(engine, 5, 1)
    with writing(engine) as session:
        other = create_project(session, "other", Kind.BOTH)
        add_record(session, other, external_id="r1", text="платье")
        unfinished = start_import(session, world.project, file="f")
        row = {
            "project_id": world.project.id,
            "external_id": "n",
            "text": "платье",
            "original_text": None,
            "group": None,
        }
        row |= {"category": None, "attributes": None, "import_id": unfinished, **identity("платье", None)}
        add_records(session, [row])
    with reading(engine) as session:
        project = get_project(session, "p")
        assert find_records(session, project, RecordFilter(), limit=100) == [r.id for r in world.records]
    with writing(engine) as session:
        complete_import(session, unfinished, {})
    with reading(engine) as session:
        assert len(find_records(session, project, RecordFilter(), limit=100)) == len(world.records) + 1
