"""Advice on keywords that somebody has turned down, so that it is not given again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.tables import DismissedKeywordRow
from db.types import Project


class Advice(StrEnum):
    """What was advised: to list a keyword, or to take a listed one off."""

    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """`stems` stands for all forms of the word."""

    advice: Advice
    category: str
    stems: str


def dismissed_keywords(session: Session, project: Project) -> set[Dismissal]:
    row = DismissedKeywordRow
    query = select(row.advice, row.category, row.stems).where(row.project_id == project.id)
    return {
        Dismissal(advice=Advice(advice), category=category, stems=stems)
        for advice, category, stems in session.execute(query)
    }


def dismiss_keyword(session: Session, project: Project, dismissal: Dismissal) -> None:
    """Once is enough: what is dismissed already stays so."""
    if dismissal in dismissed_keywords(session, project):
        return
    session.add(
        DismissedKeywordRow(
            project_id=project.id,
            advice=dismissal.advice.value,
            category=dismissal.category,
            stems=dismissal.stems,
        )
    )
    note_change(session, "keyword.dismiss", project=project.name, subject=dismissal.category, new=dismissal.stems)


def recall_keyword(session: Session, project: Project, dismissal: Dismissal) -> None:
    """Take a dismissal back."""
    if dismissal not in dismissed_keywords(session, project):
        return
    row = DismissedKeywordRow
    session.execute(
        delete(row).where(
            row.project_id == project.id,
            row.advice == dismissal.advice.value,
            row.category == dismissal.category,
            row.stems == dismissal.stems,
        )
    )
    note_change(session, "keyword.recall", project=project.name, subject=dismissal.category, old=dismissal.stems)
