"""Which column is probably what: by its name in English or Russian, and by what is in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.types import Kind
from workbench.exchange.requests import ProposalColumn
from workbench.files.rows import Row, as_text

_TEXT = (
    *("text", "текст", "review", "отзыв", "review_text", "текст_отзыва", "comment", "комментарий", "message"),
    *("сообщение", "content", "body", "title", "название", "наименование", "description", "описание"),
)
_ID = ("id", "_id", "record_id", "review_id", "uuid", "guid", "ид", "идентификатор", "external_id")
_GROUP = ("group", "группа", "sku", "артикул", "nm_id", "product_id", "item_id", "thread_id", "thread", "товар")
_LABEL = ("label", "labels", "метка", "gold", "target", "class", "класс")
_CATEGORY = ("category", "категория", "рубрика", "section", "раздел")
_TAGS = ("tags", "теги", "tag", "тег", "метки")
_PROPOSAL = re.compile(r"(predict(ed|ion)?|pred|proposal|suggest(ed|ion)?|llm|gpt|model|подсказка|предсказание)(_.*)?")
_SCORE = re.compile(r"(?P<column>.*)_(score|confidence|prob|probability|оценка|уверенность)")
_LONE_SCORE = ("score", "confidence", "probability", "уверенность")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What each column is taken for; a person changes it."""

    kind: Kind
    text: str | None
    id: str | None = None
    group: str | None = None
    category: str | None = None
    labels: str | None = None
    tags: str | None = None
    proposals: tuple[ProposalColumn, ...] = ()


def guess_mapping(columns: Sequence[str], rows: Sequence[Row], kind: Kind | None) -> Mapping:
    """From the columns' names and some of the rows; `kind` is the project's, None where it is still to be made."""
    free = _Free(columns)
    text = free.take(_TEXT) or free.take_longest(rows)
    found_id = free.take([name for name in _ID if _is_unique(free.find(name), rows)])
    group = free.take(_GROUP)
    proposals = tuple(_proposals(free))
    tags = free.take(_TAGS) if kind is not Kind.CATEGORY else None
    kind = kind or _kind(free, tags)
    asked = kind.asks_category
    labels = free.take((*_LABEL, *_CATEGORY)) if asked else None
    category = None if asked else free.take(_CATEGORY)
    return Mapping(
        kind=kind, text=text, id=found_id, group=group, category=category, labels=labels, tags=tags, proposals=proposals
    )


def _kind(free: _Free, tags: str | None) -> Kind:
    if tags is None:
        return Kind.CATEGORY
    return Kind.BOTH if any(free.find(name) for name in (*_LABEL, *_CATEGORY)) else Kind.TAGS


class _Free:
    """The columns that have not been taken for anything yet."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._by_name = {_plain(name): name for name in columns if name}

    def find(self, name: str) -> str | None:
        return self._by_name.get(name)

    def names(self) -> list[str]:
        return list(self._by_name)

    def take(self, names: Iterable[str]) -> str | None:
        found = next((name for name in names if name in self._by_name), None)
        return None if found is None else self._by_name.pop(found)

    def take_longest(self, rows: Sequence[Row]) -> str | None:
        """The column with the most to read."""
        lengths = {name: sum(len(as_text(row.values.get(col))) for row in rows) for name, col in self._by_name.items()}
        return self.take(sorted(lengths, key=lambda name: -lengths[name])[:1])


def _proposals(free: _Free) -> Iterable[ProposalColumn]:
    scores = {m["column"]: name for name in free.names() if (m := _SCORE.fullmatch(name)) and free.find(m["column"])}
    named = [name for name in free.names() if name not in scores.values() and _PROPOSAL.fullmatch(name)]
    wanted = list(dict.fromkeys([*scores, *named]))
    lone = next((name for name in _LONE_SCORE if free.find(name)), None) if len(wanted) == 1 else None
    for name in wanted:
        column = free.take([name])
        score = free.take([scores.get(name) or lone or ""])
        if column is not None:
            yield ProposalColumn(column=column, source=column, score_column=score)


def _is_unique(column: str | None, rows: Sequence[Row]) -> bool:
    values = [] if column is None else [as_text(row.values.get(column)).strip() for row in rows]
    return bool(values) and all(values) and len(set(values)) == len(values)


def _plain(name: str) -> str:
    return re.sub(r"[\s\-.]+", "_", name.strip().casefold())
