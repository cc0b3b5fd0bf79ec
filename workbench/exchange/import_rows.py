"""What a candidate becomes in the tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from db.annotation_log import standing
from db.types import Annotation, Answer, Project, Proposal, Stage, Status
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.parsing import Candidate, SourcedAnswer
from workbench.exchange.requests import ImportRequest


def record_row(candidate: Candidate, project: Project, import_id: int) -> dict[str, object]:
    """The columns of a new record."""
    return {
        "project_id": project.id,
        "external_id": candidate.external_id,
        "text": candidate.text,
        "original_text": candidate.original_text,
        "group": candidate.group,
        "category": candidate.category,
        "attributes": candidate.attributes,
        "import_id": import_id,
        **candidate.identity,
    }


def proposals_of(candidate: Candidate, record_id: int, request: ImportRequest, check: LabelCheck) -> Iterator[Proposal]:
    """The proposals in its columns, and its label where that is a machine's."""
    given = list(candidate.proposals)
    if candidate.answer is not None and not request.as_annotation:
        given.append(SourcedAnswer(source=request.by, answer=candidate.answer, score=None))
    for entry in given:
        yield Proposal(
            record_id=record_id,
            stage=Stage.IMPORT,
            source=entry.source,
            answer=entry.answer,
            score=entry.score,
            on_list=check.on_list(entry.answer, candidate.category),
        )


def annotation_of(record_id: int, answer: Answer, request: ImportRequest, at: datetime) -> Annotation:
    return Annotation(
        record_id=record_id,
        person=request.by,
        status=Status.GIVEN,
        answer=answer,
        blind=request.blind,
        annotated_at=at,
    )


def last_said(log: Iterable[Annotation], person: str) -> tuple[Answer, bool] | None:
    """What a person's latest annotation that stands says, and whether it is blind: importing it again adds nothing."""
    return next(((a.answer, a.blind) for a in reversed(standing(log)) if a.person == person), None)
