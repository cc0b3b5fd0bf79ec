"""Small projects for the page: records, proposals and a queue, straight into a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.engine import writing
from db.label_sets import parse_label_set, save_label_set
from db.project_settings import set_setting
from db.projects import create_project
from db.proposals import save_proposals
from db.queues import QueueItem, save_queue
from db.records import add_record
from db.text_keys import blind_hash, in_blind_stream, text_key
from db.types import Answer, Kind, Project, Proposal, Record, Stage

CATEGORIES = [
    "одежда",
    "обувь",
    "текстиль",
    "посуда",
    "электроника",
    "бытовая техника",
    "товары для детей",
    "украшения",
    "нет товара",
]
TAGS = {name: ["Размер подошёл", "Мягкий", "Яркий цвет", "Пахнет", "Подделка", "Советую"] for name in CATEGORIES}


@dataclass(frozen=True, kw_only=True)
class Seed:
    """`proposed` maps a text's place to what is proposed; places left out have no proposal."""

    name: str = "reviews"
    kind: Kind = Kind.CATEGORY
    texts: Sequence[str]
    proposed: Mapping[int, Proposal] = field(default_factory=dict)
    labels: object = field(default_factory=lambda: {"categories": CATEGORIES, "tags": TAGS})
    category: str | None = None
    group: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    reason: str = "random"
    settings: Mapping[str, str] = field(default_factory=lambda: {"blind_share": "0"})


def seed(engine: Engine, what: Seed) -> tuple[Project, list[Record]]:
    """Make the project with everything in its queue, in the order of its texts."""
    with writing(engine) as session:
        project = create_project(session, what.name, what.kind)
        save_label_set(session, project, parse_label_set(what.labels))
        for key, value in what.settings.items():
            set_setting(session, project, key, value)
        records = [_record(session, project, what, place, text) for place, text in enumerate(what.texts)]
        save_proposals(session, project, list(_addressed(what, records)))
        save_queue(session, project, "random", [QueueItem(r.id, what.reason, 0.5) for r in records])
    return project, records


def llm(
    category: str | None = None,
    tags: tuple[str, ...] | None = None,
    *,
    score: float = 0.81,
    rationale: str = "",
    others: Mapping[str, float] | None = None,
) -> Proposal:
    """A proposal that `seed` gives its record."""
    probabilities = dict(others or {}) | ({category: score} if category else dict.fromkeys(tags or (), score))
    return Proposal(
        record_id=0,
        stage=Stage.LLM,
        source="llm:small-decision",
        answer=Answer(category, tags),
        score=score,
        probabilities=probabilities,
        rationale=rationale,
        version="1",
    )


def texts_of_stream(share: float, *, inside: bool, how_many: int) -> list[str]:
    """Texts that fall inside (or outside) the blind stream of that share."""
    return [text for text, _ in zip(_texts(share, inside), range(how_many), strict=False)]


def _texts(share: float, inside: bool) -> Iterator[str]:
    for number in count():
        text = f"Отзыв номер {number}: пришло вовремя, качество хорошее."
        if in_blind_stream(blind_hash(text_key(text)), share) is inside:
            yield text


def _record(session: Session, project: Project, what: Seed, place: int, text: str) -> Record:
    return add_record(
        session,
        project,
        external_id=f"r{place}",
        text=text,
        group=what.group,
        category=what.category,
        attributes=what.attributes,
    )


def _addressed(what: Seed, records: Sequence[Record]) -> Iterator[Proposal]:
    return (replace(proposal, record_id=records[place].id) for place, proposal in what.proposed.items())
