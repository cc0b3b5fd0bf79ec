"""The cache of what language models answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.records import chunks
from db.tables import LlmAnswerRow


def get_answers(session: Session, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The kept answers among `keys`."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks(keys):
        rows = session.scalars(select(LlmAnswerRow).where(LlmAnswerRow.key.in_(chunk)))
        found |= {row.key: row.answer for row in rows}
    return found


def put_answer(session: Session, key: str, answer: Mapping[str, Any], cost: float = 0.0) -> None:
    session.merge(LlmAnswerRow(key=key, answer=dict(answer), cost=cost))
