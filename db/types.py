"""The words of the workbench as plain frozen types; standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a project asks for."""

    CATEGORY = "category"
    TAGS = "tags"
    BOTH = "both"

    @property
    def asks_category(self) -> bool:
        return self is not Kind.TAGS

    @property
    def asks_tags(self) -> bool:
        return self is not Kind.CATEGORY


class Stage(StrEnum):
    """The stages of the cascade, in the order a new project runs them: cheap and proven before costly."""

    KEYWORDS = "keywords"
    MODEL = "model"
    SIMILARITY = "similarity"
    ZERO_SHOT = "zero-shot"
    LLM = "llm"
    IMPORT = "import"


class Status(StrEnum):
    """What a person did with a record."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    GIVEN = "given"
    ADJUDICATED = "adjudicated"
    SKIPPED = "skipped"
    FLAGGED = "flagged"
    UNDONE = "undone"

    @property
    def is_answer(self) -> bool:
        return self in (Status.ACCEPTED, Status.CORRECTED, Status.GIVEN, Status.ADJUDICATED)


class RecordStatus(StrEnum):
    """What people have done with a record so far; WAITING for adjudication, as enough answered and do not agree."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    WAITING = "waiting"
    SKIPPED = "skipped"
    FLAGGED = "flagged"


class Role(StrEnum):
    """What a person may do; each may do what the one before may."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Half(StrEnum):
    """The two halves of the blind stream: thresholds and temperature against gates and reports."""

    CALIBRATION = "calibration"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    color: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Categories and, per category, the catalogue of tags.

    In a project that asks for tags only, the keys of `tags` are the known categories that route its records; the key
    "" holds tags for records without one.
    """

    categories: tuple[Category, ...] = ()
    tags: Mapping[str, tuple[Tag, ...]] = field(default_factory=dict)
    version: int = 0

    @property
    def category_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.categories)

    def tag_names(self, category: str | None) -> tuple[str, ...]:
        """The tags a record of this category may carry; all sections in order when the category is unknown."""
        if category is not None and category in self.tags:
            return tuple(t.name for t in self.tags[category])
        if "" in self.tags or category is not None:
            return tuple(t.name for t in self.tags.get("", ()))
        return tuple(dict.fromkeys(t.name for section in self.tags.values() for t in section))

    @property
    def is_empty(self) -> bool:
        return not self.categories and not self.tags


@dataclass(frozen=True, slots=True)
class Project:
    id: int
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """A label value: a category, tags, or both. `tags is None` means tags were not asked; () means none apply."""

    category: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    id: int
    external_id: str
    text: str
    text_key: str
    category: str | None = None
    group: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    blind_hash: int = 0
    half: Half = Half.TEST


@dataclass(frozen=True, slots=True)
class Proposal:
    """A machine's suggestion for one record. `probabilities` holds every option's, the chosen one's too."""

    record_id: int
    stage: Stage
    source: str
    answer: Answer
    score: float | None = None
    version: str = ""
    probabilities: Mapping[str, float] = field(default_factory=dict)
    rationale: str = ""
    on_list: bool = True
    cost: float = 0.0
    trace_id: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row of the append-only log: what one person did with one record."""

    record_id: int
    person: str
    status: Status
    answer: Answer = field(default_factory=Answer)
    blind: bool = False
    comment: str = ""
    duration_ms: int | None = None
    shown: tuple[int, ...] = ()
    client_id: str | None = None
    undoes: str | None = None
    label_set_version: int = 0
    guideline_version: int = 0
    prediction_id: str | None = None
    annotated_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """The label a record's annotations resolve to. `agreement` is the share of people who gave this very answer."""

    record_id: int
    answer: Answer
    annotators: tuple[str, ...]
    agreement: float
    blind: bool
