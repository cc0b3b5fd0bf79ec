"""Feedback: a caller of the model says what the answer should be, and it becomes an annotation like any other."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.annotation_log import annotations_for
from db.annotations import save_annotations
from db.engine import reading, serialise, writing
from db.errors import ConflictError, NotFoundError, UserError
from db.groups import as_unit
from db.guidelines import get_guidelines
from db.label_sets import get_label_set
from db.project_settings import ProjectSettings, get_settings
from db.projects import get_project
from db.records import add_record, find_by_external_ids, find_by_text_key, records_of_group
from db.tables import RecordRow
from db.text_keys import text_key
from db.types import Annotation, LabelSet, Project, Record, Status
from workbench.serving.feedback_rules import Feedback, answer_of, check_form, known_category
from workbench.serving.prediction_ids import PredictionId, read_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of the feedback; `saved` is False where an earlier try had saved it."""

    record: str
    status: Status
    saved: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Terms:
    project: Project
    settings: ProjectSettings
    label_set: LabelSet
    guideline_version: int


def give_feedback(engine: Engine, project_name: str, feedback: Feedback) -> Receipt:
    """Save `feedback` as an annotation; a text that the project does not know becomes a record.

    It is never blind, whoever gives it: the caller has seen the prediction. Raises NotFoundError,
    ConflictError, and UserError for anything else that is wrong with it.
    """
    check_form(feedback)
    terms = _terms(engine, project_name)
    prediction = read_id(terms.project.name, feedback.prediction_id) if feedback.prediction_id else None
    try:
        with writing(engine) as session:
            # Two callers who bring the same new text at once must not make two records of it.
            serialise(session, terms.project.id)
            record = _record(session, terms, feedback, prediction)
            return _save(session, terms, record, feedback, prediction)
    except IntegrityError as error:
        raise ConflictError("this text or id is being imported at this moment; send the feedback again") from error


def _terms(engine: Engine, project_name: str) -> _Terms:
    with reading(engine) as session:
        project = get_project(session, project_name)
        return _Terms(
            project=project,
            settings=get_settings(session, project),
            label_set=get_label_set(session, project),
            guideline_version=get_guidelines(session, project)[0],
        )


def _record(session: Session, terms: _Terms, feedback: Feedback, prediction: PredictionId | None) -> Record:
    found = _find(session, terms.project, feedback)
    if found is None:
        if feedback.text is None:
            raise NotFoundError(f"project {terms.project.name!r} has no record {feedback.external_id!r}")
        if prediction is not None and prediction.text_key != text_key(feedback.text):
            raise UserError("prediction_id: it was given for another text")
        return add_record(
            session,
            terms.project,
            external_id=feedback.external_id or text_key(feedback.text),
            text=feedback.text,
            category=known_category(terms.project, feedback),
        )
    unit, keys = _unit(session, terms, found)
    if feedback.text is not None and text_key(feedback.text) not in keys:
        raise UserError(f"id: record {feedback.external_id!r} has another text than the one given")
    if prediction is not None and prediction.text_key not in keys:
        raise UserError("prediction_id: it was given for another text")
    return unit


def _find(session: Session, project: Project, feedback: Feedback) -> Record | None:
    if feedback.external_id is not None:
        return find_by_external_ids(session, project, [feedback.external_id]).get(feedback.external_id)
    return next(iter(find_by_text_key(session, project, text_key(feedback.text or ""))), None)


def _unit(session: Session, terms: _Terms, record: Record) -> tuple[Record, set[str]]:
    """What is labelled when this record is, and the keys of the texts that a caller may know it by."""
    members = [record]
    if terms.settings.by_group and record.group is not None:
        members = records_of_group(session, terms.project, record.group)
    # An import may have cleaned the text that the caller still has.
    originals = session.scalars(
        select(RecordRow.original_text).where(RecordRow.id == record.id, RecordRow.original_text.is_not(None))
    )
    keys = {
        record.text_key,
        as_unit(members, terms.settings.max_chars).text_key,
        *map(text_key, filter(None, originals)),
    }
    return members[0], keys


def _save(
    session: Session, terms: _Terms, record: Record, feedback: Feedback, prediction: PredictionId | None
) -> Receipt:
    answer = answer_of(terms.project, terms.label_set, record, feedback)
    status = Status.GIVEN
    if prediction is not None:
        status = Status.ACCEPTED if prediction.matches(answer) else Status.CORRECTED
    annotation = Annotation(
        record_id=record.id,
        person=feedback.person,
        status=status,
        answer=answer,
        blind=False,
        client_id=_client_id(terms.project, feedback),
        label_set_version=terms.label_set.version,
        guideline_version=terms.guideline_version,
        prediction_id=feedback.prediction_id,
    )
    saved = save_annotations(session, terms.project, [annotation]) > 0
    if not saved:
        _check_same(session, annotation)
    return Receipt(record=record.external_id, status=status, saved=saved)


def _check_same(session: Session, annotation: Annotation) -> None:
    earlier = annotations_for(session, [annotation.record_id]).get(annotation.record_id, [])
    same = [a for a in earlier if a.client_id == annotation.client_id]
    if not same or (same[0].answer, same[0].prediction_id) != (annotation.answer, annotation.prediction_id):
        raise ConflictError("Idempotency-Key: it was used before, for other feedback")


def _client_id(project: Project, feedback: Feedback) -> str | None:
    """An id that the same key gives again, in this project and for this person only."""
    if feedback.key is None:
        return None
    content = "\0".join((str(project.id), feedback.person, feedback.key))
    return "api-" + blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
