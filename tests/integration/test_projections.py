"""What is kept ready for lists and counts, against the rules and the log it follows from."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from db.annotation_log import all_annotations
from db.annotations import save_annotations
from db.engine import make_engine, reading, writing
from db.imports import drop_import, start_import
from db.label_sets import parse_label_set, save_label_set
from db.latest_proposals import rebuild_latest
from db.migrate import upgrade
from db.project_settings import set_setting
from db.projections import ensure_projections
from db.projects import create_project
from db.proposals import iterate_proposals, latest_by_source, refresh_on_list, save_proposals
from db.queues import QueueItem, count_open, current_queue, save_queue
from db.record_states import rebuild_states, state_of
from db.records import add_record
from db.tables import LatestProposalRow, ProjectionRow, QueueItemRow, RecordStateRow
from db.types import Annotation, Answer, Kind, Project, Proposal, Record, RecordStatus, Stage, Status
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest, ProposalColumn

TAGS = ("мягкий", "тёплый", 'a, "b"')


def make(engine: Engine, name: str = "p", records: int = 4) -> tuple[Project, list[Record]]:
    with writing(engine) as session:
        project = create_project(session, name, Kind.BOTH)
        labels = {"categories": ["A", "B"], "tags": {"A": list(TAGS), "B": list(TAGS)}}
        save_label_set(session, project, parse_label_set(labels))
        made = [add_record(session, project, external_id=f"r{i}", text=f"текст {i}") for i in range(records)]
        save_queue(session, project, "random", [QueueItem(r.id, "random") for r in made])
    return project, made


def states(engine: Engine, project: Project) -> dict[int, dict[str, Any]]:
    """The stored rows by record."""
    columns = [c for c in RecordStateRow.__table__.columns if c.name != "project_id"]
    with reading(engine) as session:
        rows = session.execute(select(*columns).where(RecordStateRow.project_id == project.id)).mappings()
        return {row["record_id"]: {k: v for k, v in row.items() if k != "record_id"} for row in rows}


def expected_states(engine: Engine, project: Project, overlap: int) -> dict[int, dict[str, Any]]:
    """The same, straight from the log by the pure rule."""
    with reading(engine) as session:
        log = all_annotations(session, project)
    found = {record_id: state_of(rows, overlap) for record_id, rows in log.items()}
    return {
        record_id: {
            "status": state.status.value,
            "flagged": state.flagged,
            "blind": state.blind,
            **said("", state.gold),
            **said("blind_", state.blind_gold),
            **said("assisted_", state.assisted_gold),
            "annotated_at": state.annotated_at,
        }
        for record_id, state in found.items()
        if state is not None
    }


def said(prefix: str, answer: Answer | None) -> dict[str, Any]:
    tags = None if answer is None or answer.tags is None else sorted(set(answer.tags))
    return {f"{prefix}category": None if answer is None else answer.category, f"{prefix}tags": tags}


def check(engine: Engine, project: Project, overlap: int = 1) -> None:
    """Everything that is kept is what it follows from."""
    assert states(engine, project) == expected_states(engine, project, overlap)
    with reading(engine) as session:
        by_record: dict[int, list[Proposal]] = {}
        for proposal in iterate_proposals(session, project):
            by_record.setdefault(proposal.record_id, []).append(proposal)
        rows = session.scalars(select(LatestProposalRow).where(LatestProposalRow.project_id == project.id)).all()
        newest = {(i, p.source): p for i, found in by_record.items() for p in latest_by_source(found)}
        assert {(row.record_id, row.source): row.proposal_id for row in rows} == {k: p.id for k, p in newest.items()}
        for row in rows:
            proposal = newest[row.record_id, row.source]
            tags = None if proposal.answer.tags is None else sorted(set(proposal.answer.tags))
            assert (row.stage, row.category, row.tags) == (proposal.stage, proposal.answer.category, tags)
            assert (row.score, row.on_list) == (proposal.score, proposal.on_list)
        if (queue := current_queue(session, project)) is not None:
            items = select(func.count()).where(QueueItemRow.queue_id == queue.id, QueueItemRow.open)
            assert count_open(session, queue.id) == session.scalar(items)


answers = st.tuples(
    st.just("answer"),
    st.integers(0, 3),
    st.sampled_from("абв"),
    st.sampled_from(list(Status)),
    st.sampled_from(["A", "B", None]),
    st.none() | st.lists(st.sampled_from(TAGS), max_size=3),
    st.booleans(),
)
undoings = st.tuples(st.just("undo"), st.integers(0, 30))
proposals = st.tuples(
    st.just("propose"),
    st.integers(0, 3),
    st.sampled_from(["x", "y"]),
    st.sampled_from("12"),
    st.sampled_from(["A", "B", "gone"]),
    st.none() | st.lists(st.sampled_from(TAGS), max_size=3),
    st.none() | st.floats(0, 1),
)
imports = st.tuples(
    st.just("import"),
    st.lists(st.integers(2, 7), min_size=1, max_size=4, unique=True),
    st.sampled_from(["A", "B"]),
    st.lists(st.sampled_from(TAGS), max_size=3),
    st.booleans(),
)
steps = st.lists(answers | answers | undoings | proposals | imports, max_size=25)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('kept') / 'w.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


_numbers = iter(range(10**9))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(steps, st.integers(1, 3))
def test_after_any_steps_what_is_kept_is_what_the_rules_make_of_the_log(
    kept: Engine, tmp_path_factory: pytest.TempPathFactory, done: Sequence[tuple], overlap: int
) -> None:
    walk(kept, tmp_path_factory.mktemp("files"), done, overlap)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_on_both_databases(engine: Engine, home: Path, seed: int) -> None:
    dice = random.Random(seed)
    done: list[tuple] = []
    for _ in range(40):
        tags = dice.choice([None, dice.sample(TAGS, dice.randint(0, 3))])
        label = dice.choice(["A", "B"])
        done.append(
            dice.choice(
                [
                    (
                        "answer",
                        dice.randrange(4),
                        dice.choice("абв"),
                        dice.choice(list(Status)),
                        label,
                        tags,
                        dice.random() < 0.4,
                    ),
                    ("undo", dice.randrange(30)),
                    ("propose", dice.randrange(4), dice.choice("xy"), dice.choice("12"), label, tags, dice.random()),
                    ("import", dice.sample(range(2, 8), 3), label, tags or [], dice.random() < 0.4),
                ]
            )
        )
    walk(engine, home, done, 1 + seed)


def walk(engine: Engine, folder: Path, done: Sequence[tuple], overlap: int) -> None:
    """Take the steps in a project of its own, checking on the way."""
    number = next(_numbers)
    project, records = make(engine, f"p{number}")
    with writing(engine) as session:
        set_setting(session, project, "overlap", str(overlap))
    said_so_far: list[Annotation] = []
    for place, (what, *step) in enumerate(done):
        if what == "import":
            import_labels(engine, project, folder, place, *step)
        else:
            with writing(engine) as session:
                if what == "propose":
                    save_proposals(session, project, [proposal(records, *step)])
                elif (annotation := noted(what, step, records, said_so_far, f"{number}-{place}")) is not None:
                    said_so_far.append(annotation)
                    save_annotations(session, project, [annotation])
        if place % 5 == 0:
            check(engine, project, overlap)
    check(engine, project, overlap)
    before = states(engine, project)
    with writing(engine) as session:
        rebuild_states(session, project)
        rebuild_latest(session, project)
    assert states(engine, project) == before
    check(engine, project, overlap)


def noted(
    what: str, step: Sequence[Any], records: Sequence[Record], earlier: Sequence[Annotation], key: str
) -> Annotation | None:
    if what == "undo":
        if step[0] >= len(earlier):
            return None
        undone = earlier[step[0]]
        fields: dict[str, Any] = {"status": Status.UNDONE, "undoes": undone.client_id}
        return Annotation(record_id=undone.record_id, person=undone.person, client_id=key, **fields)
    place, person, status, category, tags, blind = step
    answer = Answer(category, None if tags is None else tuple(tags)) if status.is_answer else Answer()
    return Annotation(
        record_id=records[place].id, person=person, status=status, answer=answer, blind=blind, client_id=key
    )


def proposal(
    records: Sequence[Record],
    place: int,
    source: str,
    version: str,
    category: str,
    tags: list | None,
    score: float | None,
) -> Proposal:
    answer = Answer(category, None if tags is None else tuple(tags))
    return Proposal(
        record_id=records[place].id,
        stage=Stage.LLM,
        source=source,
        version=version,
        answer=answer,
        score=score,
        on_list=category != "gone",
    )


def import_labels(
    engine: Engine,
    project: Project,
    folder: Path,
    place: int,
    ids: list[int],
    category: str,
    tags: list[str],
    blind: bool,
) -> None:
    """A file with one label for some records of before and some new ones, and a proposal."""
    path = folder / f"{project.name}-{place}.jsonl"
    rows = [{"id": f"r{i}", "text": f"текст {i}", "label": category, "tags": tags, "guess": "B"} for i in ids]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    request = ImportRequest(
        path=path,
        project=project.name,
        id_column="id",
        labels_column="label",
        tags_column="tags",
        proposal_columns=(ProposalColumn(column="guess", source="file"),),
        by="анна",
        blind=blind,
    )
    import_file(engine, request, home=folder)


def test_another_overlap_makes_them_anew_for_the_next_who_asks(engine: Engine) -> None:
    project, (one, other, *_) = make(engine)
    with writing(engine) as session:
        pairs = [(one, "анна", "A"), (one, "борис", "B"), (other, "анна", "A")]
        save_annotations(session, project, [Annotation(r.id, who, Status.GIVEN, Answer(c)) for r, who, c in pairs])
    ensure_projections(engine, project)
    assert states(engine, project)[one.id]["status"] == RecordStatus.ANSWERED
    with writing(engine) as session:
        set_setting(session, project, "overlap", "2")
    ensure_projections(engine, project)
    assert states(engine, project)[one.id]["status"] == RecordStatus.WAITING
    check(engine, project, 2)


def test_where_they_were_never_made_they_are_made_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    project, (one, *_) = make(engine)
    with writing(engine) as session:
        save_annotations(session, project, [Annotation(one.id, "анна", Status.GIVEN, Answer("A"))])
        save_proposals(session, project, [proposal([one], 0, "x", "1", "A", None, 0.5)])
        for table in (RecordStateRow, LatestProposalRow, ProjectionRow):
            session.execute(delete(table))
    ensure_projections(engine, project)
    check(engine, project)
    assert states(engine, project)
    monkeypatch.setattr("db.projections.rebuild_states", None)
    ensure_projections(engine, project)


def test_an_import_that_has_not_completed_changes_nothing_and_leaves_nothing(engine: Engine) -> None:
    project, (one, *_) = make(engine)
    with writing(engine) as session:
        import_id = start_import(session, project, file="f")
        save_annotations(session, project, [Annotation(one.id, "анна", Status.GIVEN, Answer("A"))], import_id=import_id)
    assert states(engine, project) == {}
    with writing(engine) as session:
        drop_import(session, import_id)
    check(engine, project)


def test_a_changed_label_set_is_seen_by_the_proposals_kept(engine: Engine) -> None:
    project, (one, *_) = make(engine)
    with writing(engine) as session:
        save_proposals(session, project, [proposal([one], 0, "x", "1", "A", None, 0.5)])
        labels = save_label_set(session, project, parse_label_set({"categories": ["B"]}))
        refresh_on_list(session, project, labels)
    with reading(engine) as session:
        assert session.scalar(select(LatestProposalRow.on_list)) is False
    check(engine, project)
