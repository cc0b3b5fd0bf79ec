"""What an import is asked to do, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from db.errors import UserError
from db.label_sets import MAX_NAME
from db.types import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalColumn:
    """A column of somebody's proposals, optionally with a column of their scores."""

    column: str
    source: str
    score_column: str | None = None

    @classmethod
    def parse(cls, raw: str) -> ProposalColumn:
        """From COLUMN[:SCORE_COLUMN]=SOURCE; raises UserError for anything else."""
        columns, separator, source = raw.partition("=")
        column, _, score = columns.partition(":")
        if not (separator and column.strip() and source.strip()):
            raise UserError(f"--proposal-column {raw!r}: expected COLUMN=SOURCE or COLUMN:SCORE_COLUMN=SOURCE")
        return cls(column=column.strip(), source=source.strip(), score_column=score.strip() or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """One import. `as_annotation` says whose the labels and tags are: people's, or a machine's.

    `name` is what the person who sent the file calls it, where that is not its name on disk; `asked_by` is who stands
    in the audit log, by default whoever the process works for.
    """

    path: Path
    project: str
    name: str = ""
    asked_by: str = ""
    kind: Kind | None = None
    text_column: str = "text"
    id_column: str | None = None
    group_column: str | None = None
    category_column: str | None = None
    labels_column: str | None = None
    tags_column: str | None = None
    as_annotation: bool = True
    by: str = ""
    blind: bool = False
    proposal_columns: tuple[ProposalColumn, ...] = ()
    cleaning: tuple[str, ...] = ()
    add_labels: bool = False
    sheet: str | None = None

    @property
    def called(self) -> str:
        """The file as people know it."""
        return self.name or self.path.name

    def as_options(self) -> dict[str, Any]:
        """Plain JSON for a job; the path is that within the folder of uploads, its last part."""
        return asdict(self) | {"path": self.path.name}

    @classmethod
    def from_options(cls, options: Mapping[str, Any], folder: Path) -> ImportRequest:
        """What `as_options` wrote, of a file in `folder`; raises UserError for a path that leads elsewhere."""
        fields = dict(options)
        path = folder / str(fields.pop("path", ""))
        if path.parent != folder or path.name in ("", ".", ".."):
            raise UserError(f"{path.name!r} is no file among the uploads")
        kind = fields.pop("kind", None)
        columns = tuple(ProposalColumn(**column) for column in fields.pop("proposal_columns", ()))
        cleaning = tuple(fields.pop("cleaning", ()))
        return cls(
            path=path, kind=None if kind is None else Kind(kind), proposal_columns=columns, cleaning=cleaning, **fields
        )

    @property
    def brings_labels(self) -> bool:
        return self.labels_column is not None or self.tags_column is not None

    @property
    def brings_annotations(self) -> bool:
        return self.brings_labels and self.as_annotation

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the request names."""
        named = (self.text_column, self.id_column, self.group_column, self.category_column)
        proposals = tuple(name for p in self.proposal_columns for name in (p.column, p.score_column))
        return tuple(dict.fromkeys(c for c in (*named, self.labels_column, self.tags_column, *proposals) if c))

    def check(self) -> None:
        """Raises UserError when labels come without saying whose they are, or blind machine labels are claimed."""
        if self.brings_labels and not self.by.strip():
            raise UserError("--by NAME is needed with --labels-column or --tags-column: whose labels are they?")
        if self.blind and not self.brings_annotations:
            raise UserError(
                "--blind says that people gave these labels unseen; it needs labels imported --as annotation"
            )
        for option, name in [("--by", self.by), *(("--proposal-column", p.source) for p in self.proposal_columns)]:
            if len(name) > MAX_NAME or not name.isprintable():
                raise UserError(f"{option} {name[:80]!r}: a name has at most {MAX_NAME} characters, all printable")


@dataclass(slots=True, kw_only=True)
class ImportSummary:
    """Counts of one import.

    `rows` is every row read; `duplicates` are accepted rows whose text came before in the file; `conflicts` are
    rejected rows whose id stands for different texts. Where a file labels a record twice, the lower row's label holds.
    """

    project: str
    file: str
    rows: int = 0
    accepted: int = 0
    new_records: int = 0
    known_records: int = 0
    annotations: int = 0
    proposals: int = 0
    off_list_proposals: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    rejected_file: str | None = None
    first_reason: str = ""
    labels_added: list[str] = field(default_factory=list)
