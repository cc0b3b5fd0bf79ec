"""From the database to a snapshot: which rows train, which are kept apart, which stay out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import save_proposals
from db.records import add_record
from db.text_keys import blind_hash, half, in_blind_stream, text_key
from db.types import Annotation, Answer, Half, Kind, Project, Proposal, Record, Stage, Status
from training import freezing
from training.snapshot import Snapshot, Split, Task

IN_STREAM = [t for t in (f"текст {i}" for i in range(400)) if in_blind_stream(blind_hash(text_key(t)), 0.1)]
OUTSIDE = [t for t in (f"текст {i}" for i in range(400)) if not in_blind_stream(blind_hash(text_key(t)), 0.1)]


@dataclass
class Shop:
    """A project to fill, and its snapshot."""

    engine: Engine
    kind: Kind = Kind.CATEGORY
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        with writing(self.engine) as session:
            self.project = create_project(session, "goods", self.kind)

    def record(
        self, text: str, name: str | None = None, group: str | None = None, category: str | None = None
    ) -> Record:
        with writing(self.engine) as session:
            return add_record(
                session, self.project, external_id=name or text, text=text, group=group, category=category
            )

    def label(
        self, record: Record, category: str = "a", *, blind: bool = False, tags: tuple[str, ...] | None = None
    ) -> None:
        answer = Answer(category if self.kind.asks_category else None, tags)
        with writing(self.engine) as session:
            row = Annotation(record_id=record.id, person="ann", status=Status.GIVEN, answer=answer, blind=blind)
            save_annotations(session, self.project, [row])

    def propose(self, record: Record, category: str, *, source: str = "llm:x", on_list: bool = True) -> None:
        with writing(self.engine) as session:
            proposal = Proposal(
                record_id=record.id, stage=Stage.LLM, source=source, answer=Answer(category), on_list=on_list
            )
            save_proposals(session, self.project, [proposal])

    def set(self, key: str, value: str) -> None:
        with writing(self.engine) as session:
            set_setting(session, self.project, key, value)

    def freeze(self, *, with_proposals: bool = False) -> Snapshot:
        with reading(self.engine) as session:
            return freezing.build(session, self.project, with_proposals=with_proposals)

    def splits(self) -> dict[str, str]:
        rows = self.freeze().rows
        return dict(zip(rows["id"], rows["split"], strict=True))


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_blind_answers_in_the_stream_go_to_the_half_of_their_text(shop: Shop) -> None:
    for text in IN_STREAM:
        shop.label(shop.record(text), blind=True)
    expected = {Half.TEST: Split.TEST, Half.CALIBRATION: Split.CALIBRATION}
    assert shop.splits() == {text: expected[half(text_key(text))].value for text in IN_STREAM}


def test_assisted_answers_in_the_stream_stay_out_altogether(shop: Shop) -> None:
    shop.label(shop.record(IN_STREAM[0]), blind=False)
    snapshot = shop.freeze()
    assert len(snapshot.rows) == 0
    assert len(snapshot.corpus) == 0


def test_everything_outside_the_stream_trains_blind_or_not_with_a_tenth_for_validation(shop: Shop) -> None:
    for place, text in enumerate(OUTSIDE[:200]):
        shop.label(shop.record(text), blind=place % 2 == 0)
    splits = list(shop.splits().values())
    assert set(splits) == {"train", "validation"}
    assert 5 <= splits.count("validation") <= 40


def test_a_twin_of_a_stream_text_in_a_group_outside_never_trains(shop: Shop) -> None:
    group = next(g for g in (f"sku-{i}" for i in range(1000)) if not in_blind_stream(blind_hash(g), 0.1))
    text = IN_STREAM[0]
    shop.record(text, "stream")
    shop.label(shop.record(f"  {text.upper()} ", "twin", group=group))
    assert shop.splits() == {}


def test_the_share_of_the_stream_is_the_projects(shop: Shop) -> None:
    shop.label(shop.record(IN_STREAM[0]))
    shop.set("blind_share", "0")
    assert set(shop.splits().values()) <= {"train", "validation"}


def test_the_same_text_twice_trains_once_with_the_latest_answer(shop: Shop) -> None:
    first, second = shop.record(OUTSIDE[0], "one"), shop.record(OUTSIDE[0], "two")
    shop.label(second, "b")
    shop.label(first, "a")
    rows = shop.freeze().rows
    assert rows[["id", "category"]].to_numpy().tolist() == [["one", "a"]]


def test_the_same_text_under_two_known_categories_is_two_rows(shop: Shop) -> None:
    shop.label(shop.record(OUTSIDE[0], "one", category="bags"))
    shop.label(shop.record(OUTSIDE[0], "two", category="shoes"))
    assert len(shop.freeze().rows) == 2


def test_unlabelled_texts_are_the_corpus_without_the_stream(shop: Shop) -> None:
    for name, text in (("x", OUTSIDE[0]), ("y", OUTSIDE[0]), ("z", OUTSIDE[1]), ("s", IN_STREAM[0])):
        shop.record(text, name)
    shop.label(shop.record(OUTSIDE[2]))
    assert sorted(shop.freeze().corpus["text"]) == sorted(OUTSIDE[:2])


def test_a_skipped_record_is_neither_label_nor_corpus(shop: Shop) -> None:
    record = shop.record(OUTSIDE[0])
    with writing(shop.engine) as session:
        save_annotations(session, shop.project, [Annotation(record_id=record.id, person="ann", status=Status.SKIPPED)])
    snapshot = shop.freeze()
    assert len(snapshot.rows) == len(snapshot.corpus) == 0


def test_proposals_come_only_when_asked_for_and_never_from_the_stream(shop: Shop) -> None:
    shop.propose(shop.record(OUTSIDE[0]), "a")
    shop.propose(shop.record(IN_STREAM[0]), "b")
    shop.propose(shop.record(OUTSIDE[1]), "wild", on_list=False)
    assert shop.freeze().proposals is None
    proposals = shop.freeze(with_proposals=True).proposals
    assert proposals is not None
    assert proposals[["text_key", "category", "source"]].to_numpy().tolist() == [[text_key(OUTSIDE[0]), "a", "llm:x"]]


def test_a_project_by_group_has_one_row_for_a_group_with_its_texts_joined_and_visibly_cut(engine: Engine) -> None:
    shop = Shop(engine, kind=Kind.TAGS)
    shop.set("by_group", "true")
    shop.set("max_chars", "50")
    group = next(g for g in (f"sku-{i}" for i in range(1000)) if not in_blind_stream(blind_hash(g), 0.1))
    records = [shop.record(text, str(i), group=group) for i, text in enumerate(("первый", "Первый ", "второй " * 9))]
    shop.label(records[1], tags=("удобный",))
    rows = shop.freeze().training(Task.TAGS)
    assert rows["tags"].tolist() == [("удобный",)]
    assert rows["text"][0].startswith("первый\nвторой")
    assert "…" in rows["text"][0]
    assert len(rows["text"][0]) <= 50


def test_the_same_database_freezes_to_the_same_snapshot(shop: Shop) -> None:
    for text in (*OUTSIDE[:10], *IN_STREAM[:4]):
        shop.label(shop.record(text), blind=True)
    assert shop.freeze().fingerprint == shop.freeze().fingerprint
