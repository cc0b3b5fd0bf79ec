"""Keywords that people's answers speak for and the label set lacks, and listed ones that do harm."""

from __future__ import annotations

from sqlalchemy import Engine

from db.dismissed_keywords import Advice, Dismissal, dismiss_keyword, dismissed_keywords, recall_keyword
from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import MAX_NAME
from workbench.proposing.cascade import read_task
from workbench.proposing.keyword_advice import KeywordReport
from workbench.proposing.keyword_choice import Minimums
from workbench.proposing.keyword_search import KeywordSearch
from workbench.proposing.keyword_texts import read_texts
from workbench.proposing.keyword_words import stems_as_text
from workbench.proposing.stage import Task

MINIMUMS = Minimums()


def keyword_report(
    engine: Engine, project_name: str, *, category: str | None = None, minimums: Minimums = MINIMUMS
) -> KeywordReport:
    """Of all categories, or of one; raises UserError for a project that asks for tags alone, or no such category."""
    task = _task(engine, project_name, category)
    texts = read_texts(engine, task)
    with reading(engine) as session:
        dismissed = dismissed_keywords(session, task.project)
    search = KeywordSearch(task.labels, texts, minimums, dismissed, only=category)
    new, harmful = search.advice()
    return KeywordReport(
        project=project_name,
        version=task.labels.version,
        new=new,
        harmful=harmful,
        minimums=minimums,
        answered=len(texts.answered),
        all_answered=texts.all_answered,
        open_records=texts.open_records,
        looked_at=texts.looked_at,
    )


def dismiss(engine: Engine, project_name: str, advice: Advice, category: str, word: str, *, by: str) -> None:
    """Do not give this advice again, whichever form of the word is the commonest by then; raises as the report does."""
    task = _task(engine, project_name, category)
    with writing(engine, by=by) as session:
        dismiss_keyword(session, task.project, _dismissal(advice, category, word))


def recall(engine: Engine, project_name: str, advice: Advice, category: str, word: str, *, by: str) -> None:
    """Take a dismissal back."""
    task = _task(engine, project_name, category)
    with writing(engine, by=by) as session:
        recall_keyword(session, task.project, _dismissal(advice, category, word))


def _dismissal(advice: Advice, category: str, word: str) -> Dismissal:
    return Dismissal(advice=advice, category=category, stems=stems_as_text(word)[:MAX_NAME])


def _task(engine: Engine, project_name: str, category: str | None) -> Task:
    task = read_task(engine, project_name)
    names = task.labels.category_names
    if not task.project.kind.asks_category:
        raise UserError(f"project {project_name!r} asks for tags alone; keywords are for categories")
    if category is not None and category not in names:
        raise UserError(f"project {project_name!r} has no category {category!r}; listed are: {', '.join(names)}")
    return task
