"""What makes a person's action valid, and what it says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from db.annotation_log import standing
from db.project_settings import ProjectSettings
from db.proposals import TAG_PREFIX, choose
from db.text_keys import in_blind_stream
from db.types import Annotation, Answer, LabelSet, Project, Proposal, Record, Status
from workbench.queues.curation_types import Action, ActionKind, Refusal, RefusalCode, Suggestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a project's answers are held to, read once per exchange."""

    project: Project
    settings: ProjectSettings
    label_set: LabelSet
    guideline_version: int


class Refused(Exception):
    """Raised by a rule; carries the refusal that the person sees."""

    def __init__(self, code: RefusalCode, detail: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code=code, detail=detail, message=message)


def unknown_record(project: Project, record_id: int) -> Refusal:
    message = f"project {project.name!r} has no record {record_id}"
    return Refusal(code=RefusalCode.UNKNOWN_RECORD, detail=str(record_id), message=message)


def is_blind(record: Record, settings: ProjectSettings) -> bool:
    return in_blind_stream(record.blind_hash, settings.blind_share)


def suggest(terms: Terms, record: Record, proposals: Sequence[Proposal]) -> Suggestion | None:
    """What to show beside `record`; nothing in the blind stream."""
    if is_blind(record, terms.settings):
        return None
    fitting = [fitted for p in proposals if (fitted := fit(terms, record, p)) is not None]
    chosen = choose(fitting, terms.settings)
    if chosen is None or chosen.id is None:
        return None
    return Suggestion(
        proposal_id=chosen.id,
        answer=chosen.answer,
        stage=chosen.stage,
        source=chosen.source,
        score=chosen.score,
        probabilities={option.removeprefix(TAG_PREFIX): share for option, share in chosen.probabilities.items()},
        rationale=chosen.rationale,
    )


def fit(terms: Terms, record: Record, proposal: Proposal) -> Proposal | None:
    """The part of a proposal that today's label set allows and the project asks for; None where nothing is left."""
    kind, label_set = terms.project.kind, terms.label_set
    category = proposal.answer.category if kind.asks_category else None
    if category is not None and category not in label_set.category_names:
        return None
    tags = proposal.answer.tags if kind.asks_tags else None
    if tags is not None:
        allowed = set(label_set.tag_names(category if kind.asks_category else record.category))
        tags = tuple(tag for tag in tags if tag in allowed)
    if category is None and tags is None:
        return None
    return replace(proposal, answer=Answer(category, tags))


def judge(
    terms: Terms,
    action: Action,
    *,
    person: str,
    record: Record,
    proposals: Mapping[int, Proposal],
    log: Sequence[Annotation],
    unseen: bool = False,
) -> Annotation | None:
    """The annotation that `action` stands for, or None where it changes nothing (taken back already).

    `proposals` are the record's by id, `log` its annotations so far; `unseen` says that, in the blind stream or not,
    it is asked for without its proposal, as a spot check does. Raises Refused.
    """
    shown = [fitted for i in action.shown if i in proposals and (fitted := fit(terms, record, proposals[i]))]
    annotation = Annotation(
        record_id=record.id,
        person=person,
        status=Status.UNDONE,
        # A record that joined the stream after its proposal was shown is not blind.
        blind=(unseen or is_blind(record, terms.settings)) and not action.shown,
        comment=action.comment,
        duration_ms=action.duration_ms,
        shown=tuple(p.id for p in shown if p.id is not None),
        client_id=action.client_id,
        label_set_version=terms.label_set.version,
        guideline_version=terms.guideline_version,
    )
    if action.kind is ActionKind.UNDO:
        undoes = _undoable(action, person, log)
        return None if undoes is None else replace(annotation, undoes=undoes)
    if action.kind in _WITHOUT_ANSWER:
        return replace(annotation, status=_WITHOUT_ANSWER[action.kind])
    answer = _answer(terms, action, record, shown)
    return replace(annotation, status=_status(answer, shown), answer=answer)


_WITHOUT_ANSWER = {ActionKind.SKIP: Status.SKIPPED, ActionKind.FLAG: Status.FLAGGED}


def _answer(terms: Terms, action: Action, record: Record, shown: Sequence[Proposal]) -> Answer:
    if action.kind is ActionKind.ACCEPT and action.category is None and action.tags is None:
        if not shown:
            raise Refused(
                RefusalCode.NOTHING_SHOWN, record.external_id, f"record {record.external_id!r}: no proposal to accept"
            )
        answer = shown[0].answer
    else:
        answer = Answer(action.category, None if action.tags is None else tuple(dict.fromkeys(action.tags)))
    kind = terms.project.kind
    if kind.asks_category:
        _check_category(terms.label_set, answer.category, record)
    elif answer.category is not None:
        raise _not_asked(terms.project, "category", answer.category)
    if kind.asks_tags:
        _check_tags(terms.label_set, answer.tags, answer.category if kind.asks_category else record.category, record)
    elif answer.tags is not None:
        raise _not_asked(terms.project, "tags", ", ".join(answer.tags))
    return answer


def _check_category(label_set: LabelSet, category: str | None, record: Record) -> None:
    if category is None:
        raise Refused(
            RefusalCode.NO_CATEGORY, record.external_id, f"record {record.external_id!r}: the answer lacks a category"
        )
    if category not in label_set.category_names:
        raise Refused(
            RefusalCode.UNKNOWN_CATEGORY,
            category,
            f"record {record.external_id!r}: {category!r} is not in the label set",
        )


def _check_tags(label_set: LabelSet, tags: tuple[str, ...] | None, category: str | None, record: Record) -> None:
    if tags is None:
        raise Refused(RefusalCode.NO_TAGS, record.external_id, f"record {record.external_id!r}: the answer lacks tags")
    allowed = set(label_set.tag_names(category))
    if stray := next((tag for tag in tags if tag not in allowed), None):
        section = f"the tags of {category!r}" if category else "the tag catalogue"
        raise Refused(
            RefusalCode.UNKNOWN_TAG, stray, f"record {record.external_id!r}: {stray!r} is not among {section}"
        )


def _not_asked(project: Project, what: str, given: str) -> Refused:
    return Refused(RefusalCode.NOT_ASKED, given, f"project {project.name!r} asks for no {what} (got {given!r})")


def _status(answer: Answer, shown: Sequence[Proposal]) -> Status:
    if not shown:
        return Status.GIVEN
    proposed = shown[0].answer
    same_category = proposed.category is None or proposed.category == answer.category
    same_tags = proposed.tags is None or set(proposed.tags) == set(answer.tags or ())
    return Status.ACCEPTED if same_category and same_tags else Status.CORRECTED


def _undoable(action: Action, person: str, log: Sequence[Annotation]) -> str | None:
    """The client id to take back; None if that was done before. Without `undoes`, the person's latest that stands."""
    own = [a for a in log if a.person == person and a.status is not Status.UNDONE and a.client_id is not None]
    stand = [a for a in standing(log) if a in own]
    if action.undoes is None and stand:
        return stand[-1].client_id
    if action.undoes is not None and any(a.client_id == action.undoes for a in own):
        return action.undoes if any(a.client_id == action.undoes for a in stand) else None
    raise Refused(
        RefusalCode.NOTHING_TO_UNDO,
        action.undoes or str(action.record_id),
        f"nothing to undo: {person!r} has no such answer on this record",
    )
