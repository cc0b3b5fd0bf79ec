"""What each person did, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Text, and_, case, cast, func, select
from sqlalchemy.orm import Session

from db.types import Project, Status
from workbench.quality.standing import ANSWERS, count_of, standing

# Longer than this, somebody went for tea.
LONGEST_S = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonWork:
    """One person's standing annotations; `seconds` is the mean time of an answer, where it was measured."""

    person: str
    answered: int
    blind: int
    skipped: int
    flagged: int
    seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DayWork:
    """A person's standing answers on one day (UTC)."""

    day: date
    person: str
    answered: int


def work(session: Session, project: Project) -> tuple[tuple[PersonWork, ...], tuple[DayWork, ...]]:
    """By person, whoever answered most first; and by day, then by person, where there are answers."""
    by_day = session.execute(_by_person_and_day(session, project)).all()
    days = tuple(
        DayWork(day=date.fromisoformat(row.day), person=row.person, answered=row.answered)
        for row in sorted(by_day, key=lambda row: (row.day, row.person))
        if row.answered
    )
    rows: dict[str, list[Any]] = {}
    for row in by_day:
        rows.setdefault(row.person, []).append(row)
    people = [_person(person, of) for person, of in rows.items()]
    return tuple(sorted(people, key=lambda one: (-one.answered, one.person))), days


def _by_person_and_day(session: Session, project: Project) -> Select:
    stand = standing(project).subquery()
    answer = stand.c.status.in_(ANSWERS)
    timed = case((and_(answer, stand.c.duration_ms <= LONGEST_S * 1000), stand.c.duration_ms))
    utc: Any = stand.c.annotated_at
    if session.get_bind().dialect.name == "postgresql":
        utc = func.timezone("UTC", utc)
    day = cast(func.date(utc), Text).label("day")
    return select(
        stand.c.person,
        day,
        count_of(answer).label("answered"),
        count_of(and_(answer, stand.c.blind)).label("blind"),
        count_of(stand.c.status == Status.SKIPPED.value).label("skipped"),
        count_of(stand.c.status == Status.FLAGGED.value).label("flagged"),
        func.sum(timed).label("milliseconds"),
        func.count(timed).label("timed"),
    ).group_by(stand.c.person, day)


def _person(person: str, days: Sequence[Any]) -> PersonWork:
    timed = sum(day.timed for day in days)
    milliseconds = sum(day.milliseconds or 0 for day in days)
    return PersonWork(
        person=person,
        answered=sum(day.answered for day in days),
        blind=sum(day.blind for day in days),
        skipped=sum(day.skipped for day in days),
        flagged=sum(day.flagged for day in days),
        seconds=float(milliseconds) / timed / 1000 if timed else None,
    )
