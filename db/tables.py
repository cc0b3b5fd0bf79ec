"""The tables, one class per word of the vocabulary. Rules and queries live in the module of each noun."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def utcnow() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware UTC on both databases; SQLite keeps no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime}


def table_of(row: type[Base]) -> Table:
    """The table behind a class, for statements over thousands of rows, where objects would cost more than the work."""
    return cast(Table, row.__table__)


class ProjectRow(Base):
    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ProjectSettingRow(Base):
    __tablename__ = "project_settings"
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class LabelSetRow(Base):
    """One version of a project's categories and tag catalogue; the highest version is in force."""

    __tablename__ = "label_sets"
    __table_args__ = (UniqueConstraint("project_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class DismissedKeywordRow(Base):
    """Advice on a keyword that was turned down: `advice` is to add or to remove it, `stems` stand for all its forms."""

    __tablename__ = "dismissed_keywords"
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    advice: Mapped[str] = mapped_column(String(16), primary_key=True)
    category: Mapped[str] = mapped_column(String(255), primary_key=True)
    stems: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class GuidelineRow(Base):
    """One version of a project's guidelines, in Markdown; the highest version is in force."""

    __tablename__ = "guidelines"
    __table_args__ = (UniqueConstraint("project_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ImportRow(Base):
    """One import of a file. Its rows become visible when `completed_at` is set, all at once."""

    __tablename__ = "imports"
    __table_args__ = (Index(None, "project_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    file: Mapped[str] = mapped_column(Text)
    cleaning: Mapped[list[str]] = mapped_column(JSON, default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    process: Mapped[str] = mapped_column(String(255), default="")
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class RecordRow(Base):
    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("project_id", "external_id"),
        # Holds what lists are filtered and sorted by, so that the texts beside it need not be read.
        Index(None, "project_id", "id", "blind_hash", "length"),
        Index(None, "project_id", "text_key"),
        Index(None, "import_id"),
        Index(None, "project_id", "group"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    # In characters, by the database; to sort by.
    length: Mapped[int | None] = mapped_column(Computed("length(text)", persisted=True), deferred=True)
    original_text: Mapped[str | None] = mapped_column(Text)
    text_key: Mapped[str] = mapped_column(String(32))
    # The normalised text, to be searched: neither database folds the case of all letters by itself.
    folded: Mapped[str] = mapped_column(Text, deferred=True)
    group: Mapped[str | None] = mapped_column(String(255))
    category: Mapped[str | None] = mapped_column(String(255))
    attributes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    blind_hash: Mapped[int]
    half: Mapped[str] = mapped_column(String(16))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))


class ProposalRow(Base):
    __tablename__ = "proposals"
    __table_args__ = (
        UniqueConstraint("record_id", "source", "version"),
        Index(None, "project_id", "stage"),
        Index(None, "import_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    stage: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(64), default="")
    category: Mapped[str | None] = mapped_column(String(255))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    score: Mapped[float | None]
    probabilities: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    rationale: Mapped[str] = mapped_column(Text, default="")
    on_list: Mapped[bool] = mapped_column(default=True)
    cost: Mapped[float] = mapped_column(default=0.0)
    trace_id: Mapped[str] = mapped_column(String(64), default="")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class AnnotationRow(Base):
    """Append-only: triggers refuse updates, and deletes other than of an import that never completed."""

    __tablename__ = "annotations"
    __table_args__ = (
        Index(None, "record_id"),
        Index(None, "project_id", "person", "status", "annotated_at"),
        Index(None, "import_id"),
        Index(None, "undoes", sqlite_where=text("undoes IS NOT NULL"), postgresql_where=text("undoes IS NOT NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    person: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(255))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    blind: Mapped[bool]
    comment: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None]
    shown: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    client_id: Mapped[str] = mapped_column(String(64), unique=True)
    undoes: Mapped[str | None] = mapped_column(String(64))
    label_set_version: Mapped[int] = mapped_column(default=0)
    guideline_version: Mapped[int] = mapped_column(default=0)
    prediction_id: Mapped[str | None] = mapped_column(String(128))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))
    annotated_at: Mapped[datetime] = mapped_column(default=utcnow)


class RecordStateRow(Base):
    """What people's answers to a record come to, kept ready for lists and counts; see `db.record_states`.

    Like the other projections it has no foreign key to what it is made from: it is written and cleared with it, and
    looking for it at every record that goes would cost an import that is taken back dearly.
    """

    __tablename__ = "record_states"
    __table_args__ = ({"sqlite_with_rowid": False},)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(16))
    flagged: Mapped[bool]
    blind: Mapped[bool]
    category: Mapped[str | None] = mapped_column(String(255))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    blind_category: Mapped[str | None] = mapped_column(String(255))
    blind_tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    assisted_category: Mapped[str | None] = mapped_column(String(255))
    assisted_tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    annotated_at: Mapped[datetime]


class LatestProposalRow(Base):
    """The newest proposal of each source for each record, kept ready for lists; see `db.latest_proposals`."""

    __tablename__ = "latest_proposals"
    __table_args__ = (
        Index(None, "project_id", "source", "on_list", "record_id", "score"),
        Index(None, "project_id", "stage", "on_list", "record_id", "score"),
        {"sqlite_with_rowid": False},
    )
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    proposal_id: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(255))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    score: Mapped[float | None]
    on_list: Mapped[bool]


class ProjectionRow(Base):
    """Under what a project's projections were made; what was made under something else is made anew."""

    __tablename__ = "projections"
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, autoincrement=False)
    rules: Mapped[int]
    overlap: Mapped[int]


class QueueRow(Base):
    """One ordering of a project's records for people; the newest of a project is the one served."""

    __tablename__ = "queues"
    __table_args__ = (Index(None, "project_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    strategy: Mapped[str] = mapped_column(String(64))
    model_version: Mapped[str | None] = mapped_column(String(255))
    open_items: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class QueueItemRow(Base):
    """A record's place in a queue and why it has it. `open` falls when enough people have dealt with it."""

    __tablename__ = "queue_items"
    __table_args__ = (Index(None, "queue_id", "open", "position"), Index(None, "record_id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queues.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    position: Mapped[int]
    score: Mapped[float | None]
    reason: Mapped[str] = mapped_column(String(255))
    open: Mapped[bool] = mapped_column(default=True)


class SpotCheckRow(Base):
    """A random draw of records that stages settled, to be answered unseen; `strata` counts what each had settled."""

    __tablename__ = "spot_checks"
    __table_args__ = (Index(None, "project_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    seed: Mapped[int]
    strata: Mapped[dict[str, int]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SpotCheckItemRow(Base):
    """A drawn record with the label it had been given by then: later proposals must not change what is judged."""

    __tablename__ = "spot_check_items"
    __table_args__ = (Index(None, "record_id"),)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_checks.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    position: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(255))
    category: Mapped[str | None] = mapped_column(String(255))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    score: Mapped[float | None]


class LeaseRow(Base):
    """A record given to one holder (a person's browser tab) for ten minutes."""

    __tablename__ = "leases"
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class SnapshotRow(Base):
    """A frozen export; its rows lie in a Parquet file under the home, named by the fingerprint."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("project_id", "fingerprint"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    fingerprint: Mapped[str] = mapped_column(String(32))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PromotionRow(Base):
    """A change of champion: promoted by the gate, by hand, or rolled back. The worker watches this table."""

    __tablename__ = "promotions"
    __table_args__ = (Index(None, "project_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    model_name: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(32))
    previous_version: Mapped[str | None] = mapped_column(String(32))
    run_id: Mapped[str] = mapped_column(String(64), default="")
    snapshot: Mapped[str] = mapped_column(String(32), default="")
    verdict: Mapped[str] = mapped_column(String(32))
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ModelVersionRow(Base):
    """A trained version as it was when it was registered: what made it, how well it did, what the gate said of it."""

    __tablename__ = "model_versions"
    __table_args__ = (UniqueConstraint("project_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    model_name: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(32))
    run_id: Mapped[str] = mapped_column(String(64))
    recipe: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[str] = mapped_column(String(32))
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    contests: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    verdict: Mapped[str] = mapped_column(String(32))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    person: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class UserRow(Base):
    """A person who may log in. `name_key` is the name as it is compared: no two differ by case alone."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SessionRow(Base):
    """A browser that is logged in; only a hash of what its cookie says is kept."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"),)
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)


class ApiTokenRow(Base):
    """A program's key to the API, acting for its owner; only a hash of it is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who changed what, from which value to which. Append-only, by trigger."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "project"), Index(None, "person"))
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(64))
    project: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255), default="")
    old: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    new: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class WorkerRow(Base):
    """A process that does jobs; it is alive as long as it was seen a moment ago."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)


class LlmAnswerRow(Base):
    """An LLM's raw answer, kept the moment it arrives, so that nothing is asked or paid for twice."""

    __tablename__ = "llm_answers"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    cost: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
