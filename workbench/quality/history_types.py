"""What the history of one record consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.types import Annotation, Gold, Half, Proposal, Record, RecordStatus
from training.snapshot import Split
from workbench.quality.gold_story import Why


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The import that something came by."""

    file: str
    completed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldProposal:
    """`newest` of its source; `shown` is the one that people are shown, were the record not of the blind stream."""

    proposal: Proposal
    created_at: datetime
    imported: Source | None
    newest: bool
    shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldAnnotation:
    """`stands` unless it was taken back or is a taking back."""

    annotation: Annotation
    imported: Source | None
    stands: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Relative:
    """Another record of the group, or one with the very same text."""

    id: int
    external_id: str
    excerpt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The record's place in the queue that is served, counted from 1 among all of its items."""

    position: int
    open: bool
    reason: str
    score: float | None
    strategy: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Who has the record before them, and until when."""

    person: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """A snapshot that holds the record's text, and the model versions that were trained on it."""

    fingerprint: str
    created_at: datetime
    splits: tuple[Split, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordHistory:
    """Everything that is known of a record; lists of events are oldest first.

    `half` is that of the blind stream, None outside of it. `answered_as` is the record on which the answers for the
    group are kept, where people label whole groups and it is another one.
    """

    record: Record
    original_text: str | None
    imported: Source | None
    half: Half | None
    group: tuple[Relative, ...]
    twins: tuple[Relative, ...]
    answered_as: int | None
    proposals: tuple[ToldProposal, ...]
    annotations: tuple[ToldAnnotation, ...]
    status: RecordStatus
    flagged: bool
    gold: Gold | None
    why: Why
    overlap: int
    place: Place | None
    held: tuple[Held, ...]
    learnt: tuple[Learnt, ...]
