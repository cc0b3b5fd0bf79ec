"""What passes between a person who labels and the curation service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from db.types import Answer, Kind, LabelSet, Stage


class ActionKind(StrEnum):
    """What a person can do with a record."""

    ACCEPT = "accept"
    CHOOSE = "choose"
    SKIP = "skip"
    FLAG = "flag"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """The one proposal that is shown beside a record; `probabilities` are by category or by tag."""

    proposal_id: int
    answer: Answer
    stage: Stage
    source: str
    score: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    rationale: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurationItem:
    """A leased record with all that may be shown. A blind one never has a suggestion; `reason` is a queue's code."""

    record_id: int
    external_id: str
    text: str
    reason: str
    blind: bool
    group: str | None = None
    category: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    suggestion: Suggestion | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """One press of a key. `client_id` makes it idempotent; `undoes` is the client id that an UNDO takes back.

    An ACCEPT without an answer takes the first of the proposals in `shown`.
    """

    client_id: str
    record_id: int
    kind: ActionKind
    category: str | None = None
    tags: tuple[str, ...] | None = None
    comment: str = ""
    duration_ms: int | None = None
    shown: tuple[int, ...] = ()
    undoes: str | None = None


class RefusalCode(StrEnum):
    """Why an action was not saved; sending it again would not help."""

    UNKNOWN_RECORD = "unknown-record"
    UNKNOWN_CATEGORY = "unknown-category"
    UNKNOWN_TAG = "unknown-tag"
    NO_CATEGORY = "no-category"
    NO_TAGS = "no-tags"
    NOT_ASKED = "not-asked"
    NOTHING_SHOWN = "nothing-shown"
    NOTHING_TO_UNDO = "nothing-to-undo"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """`detail` is the record, label or id at fault; `message` says it all in one line."""

    code: RefusalCode
    detail: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionResult:
    """`refusal` is None where the action is saved, now or by an earlier try."""

    client_id: str
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """`today` counts the person's standing answers, skips and flags; `left` what the queue still has for them."""

    today: int
    left: int
    queue: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """All that a page must know of a project before its first record."""

    name: str
    kind: Kind
    label_set: LabelSet
    guideline_version: int
    guidelines: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Synced:
    """The answer to one exchange: what became of the actions, what to label next, how far it is."""

    results: tuple[ActionResult, ...]
    items: tuple[CurationItem, ...]
    progress: Progress
    label_set_version: int
