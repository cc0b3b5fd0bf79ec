"""A project of the size that the application is measured at: made-up reviews with proposals, answers and a queue.

Not a benchmark itself: `pages.py`, `records.py` and `curating.py` open what this makes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import Engine

from db.annotations import refresh_queue_items, save_annotations
from db.engine import writing
from db.imports import add_records, complete_import, start_import
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project
from db.promotions import Promotion, save_promotion
from db.proposals import save_proposals
from db.queues import QueueItem, save_queue
from db.reasons import Reason
from db.records import chunks, identity, iterate_records
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, Kind, Project, Proposal, Stage, Status

NAME = "отзывы"
CATEGORIES = (
    *("одежда", "обувь", "текстиль", "посуда", "электроника", "бытовая техника", "товары для детей", "украшения"),
    "нет товара",
)
TAGS = ("Размер подошёл", "Маломерит", "Мягкий", "Яркий цвет", "Пахнет", "Подделка", "Советую", "Долгая доставка")
PEOPLE = tuple(f"{name} {letter}." for name in ("Анна", "Борис", "Вера", "Глеб", "Дина") for letter in "АБВГДЕЖЗИК")
WORDS = (
    *("платье", "куртка", "кеды", "чайник", "лампа", "набор", "пришло", "вовремя", "качество", "хорошее", "плохое"),
    *("нитки", "торчат", "цвет", "как", "на", "фото", "размер", "подошёл", "маломерит", "ткань", "мягкая", "запах"),
    *("резкий", "ребёнку", "понравилось", "советую", "не", "рекомендую", "доставка", "долгая", "продавец", "вежливый"),
    *("упаковка", "целая", "после", "стирки", "сел", "подошва", "отклеилась", "мужу", "в", "самый", "раз", "спасибо"),
)
DONE = (Status.ACCEPTED, Status.CORRECTED, Status.GIVEN, Status.SKIPPED, Status.FLAGGED)
SOURCES = ((Stage.KEYWORDS, "keywords"), (Stage.LLM, "llm:small-decision"))


@dataclass(frozen=True, kw_only=True)
class Size:
    """`answered` is the share of records that people have got to, some of them more than once."""

    records: int = 100_000
    annotations: int = 100_000
    proposals: int = 200_000
    answered: float = 0.6
    kind: Kind = Kind.BOTH
    overlap: int = 1
    seed: int = 0


def fill(engine: Engine, size: Size) -> Project:
    """Make the project in a migrated database; the same size and seed give the same contents."""
    dice = random.Random(size.seed)
    with writing(engine) as session:
        project = create_project(session, NAME, size.kind)
        set_setting(session, project, "overlap", str(size.overlap))
        tags = {category: list(TAGS) for category in CATEGORIES}
        save_label_set(session, project, parse_label_set({"categories": list(CATEGORIES), "tags": tags}))
        promotion = Promotion(
            model_name=NAME, version="1", verdict="promote", reasons=(Reason.of_words("first model"),)
        )
        save_promotion(session, project, promotion)
    _records(engine, project, dice, size.records)
    with writing(engine) as session:
        stored = [(record.id, record.blind_hash) for batch in iterate_records(session, project) for record in batch]
    for batch in _batches(_proposals(dice, stored, size)):
        with writing(engine) as session:
            save_proposals(session, project, batch)
    for batch in _batches(_annotations(dice, stored, size)):
        with writing(engine) as session:
            save_annotations(session, project, batch)
    ids = [record_id for record_id, _ in stored]
    dice.shuffle(ids)
    with writing(engine) as session:
        save_queue(session, project, "random", [QueueItem(record_id, "random", 0.5) for record_id in ids])
        refresh_queue_items(session, project, ids)
    return project


def _batches(items: Iterator) -> Iterator[list]:
    while batch := list(islice(items, 5_000)):
        yield batch


def _records(engine: Engine, project: Project, dice: random.Random, count: int) -> None:
    with writing(engine) as session:
        import_id = start_import(session, project, file="reviews.csv.gz")
        rows = []
        for number in range(count):
            text = " ".join(dice.choices(WORDS, k=dice.randint(4, 60))).capitalize() + f". Заказ {number}"
            group = f"SKU-{dice.randrange(count // 5 + 1)}" if number % 2 else None
            rows.append(
                {
                    "project_id": project.id,
                    "external_id": f"r{number:06}",
                    "text": text,
                    "original_text": None,
                    "group": group,
                    "category": None,
                    "attributes": {"brand": dice.choice(("Ромашка", "Василёк")), "stars": str(dice.randint(1, 5))},
                    "import_id": import_id,
                    **identity(text, group),
                }
            )
        for part in chunks(rows):
            add_records(session, part)
        complete_import(session, import_id, {"accepted": count})


def _proposals(dice: random.Random, stored: list[tuple[int, int]], size: Size) -> Iterator[Proposal]:
    for number in range(size.proposals):
        record_id, _ = stored[number % len(stored)]
        stage, source = SOURCES[number // len(stored) % len(SOURCES)]
        score = round(dice.betavariate(4, 1.5), 4)
        # The first source and the second agree four times in five.
        category = CATEGORIES[record_id % 9 if dice.random() < 0.8 else dice.randrange(9)]
        rest = (1 - score) / (len(CATEGORIES) - 1)
        yield Proposal(
            record_id=record_id,
            stage=stage,
            source=source,
            version=str(1 + number // (len(stored) * len(SOURCES))),
            answer=Answer(category, _some_tags(dice, size.kind)),
            score=score,
            probabilities={name: round(score if name == category else rest, 4) for name in CATEGORIES},
            rationale="Речь о товаре этой категории." if stage is Stage.LLM else "",
            cost=0.00004 if stage is Stage.LLM else 0.0,
        )


def _some_tags(dice: random.Random, kind: Kind) -> tuple[str, ...] | None:
    return tuple(dice.sample(TAGS, dice.randint(0, 3))) if kind.asks_tags else None


def _annotations(dice: random.Random, stored: list[tuple[int, int]], size: Size) -> Iterator[Annotation]:
    """Answers of many people over two months, among them skips, flags and what was taken back."""
    now = datetime.now(UTC).replace(microsecond=0)
    reached = max(1, int(size.answered * len(stored)))
    last: Annotation | None = None
    for number in range(size.annotations):
        record_id, bucket = stored[dice.randrange(reached)]
        person, (status,), undoes = dice.choice(PEOPLE), dice.choices(DONE, weights=(60, 20, 14, 5, 1)), None
        if number % 50 == 49 and last is not None:
            status, record_id, person, undoes = Status.UNDONE, last.record_id, last.person, last.client_id
        category = CATEGORIES[record_id % 9 if dice.random() < 0.9 else dice.randrange(9)]
        answer = Answer(category, _some_tags(dice, size.kind)) if status.is_answer else Answer()
        last = Annotation(
            record_id=record_id,
            person=person,
            status=status,
            answer=answer,
            blind=in_blind_stream(bucket, 0.1),
            duration_ms=dice.randint(800, 20_000),
            client_id=f"bench-{number:012}",
            undoes=undoes,
            label_set_version=1,
            annotated_at=now - timedelta(days=60) * (1 - number / size.annotations),
        )
        yield last
