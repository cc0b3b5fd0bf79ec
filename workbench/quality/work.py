"""What each person did, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Text, and_, case, cast, func, select
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


def work_by_person(session: Session, project: Project) -> tuple[PersonWork, ...]:
    """Whoever answered most comes first."""
    stand = standing(project).subquery()
    answer = stand.c.status.in_(ANSWERS)
    timed = case((and_(answer, stand.c.duration_ms <= LONGEST_S * 1000), stand.c.duration_ms))
    query = (
        select(
            stand.c.person,
            count_of(answer),
            count_of(and_(answer, stand.c.blind)),
            count_of(stand.c.status == Status.SKIPPED.value),
            count_of(stand.c.status == Status.FLAGGED.value),
            func.avg(timed),
        )
        .group_by(stand.c.person)
        .order_by(count_of(answer).desc(), stand.c.person)
    )
    return tuple(
        PersonWork(
            person=person,
            answered=answered,
            blind=blind,
            skipped=skipped,
            flagged=flagged,
            seconds=None if milliseconds is None else float(milliseconds) / 1000,
        )
        for person, answered, blind, skipped, flagged, milliseconds in session.execute(query)
    )


def work_by_day(session: Session, project: Project) -> tuple[DayWork, ...]:
    """By day, then by person; days and people without answers are left out."""
    stand = standing(project).subquery()
    utc: Any = stand.c.annotated_at
    if session.get_bind().dialect.name == "postgresql":
        utc = func.timezone("UTC", utc)
    day = cast(func.date(utc), Text)
    query = (
        select(day, stand.c.person, func.count())
        .where(stand.c.status.in_(ANSWERS))
        .group_by(day, stand.c.person)
        .order_by(day, stand.c.person)
    )
    return tuple(
        DayWork(day=date.fromisoformat(on), person=person, answered=count)
        for on, person, count in session.execute(query)
    )
