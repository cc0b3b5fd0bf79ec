"""`workbench predict`: a table file in, the same file with predictions out, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.projects import get_project
from db.settings import Settings
from db.types import Kind
from workbench.files.reading import TableFile, file_format, open_table
from workbench.files.rows import Row, as_text
from workbench.files.writing import table_writer
from workbench.serving.batch_columns import NEEDS_REVIEW, Cells, Columns
from workbench.serving.batch_workers import answer_all, usable_workers
from workbench.serving.models import BulkPredictor
from workbench.serving.registry_models import open_model

# The more texts at once, the more words repeat, which are then looked up once; the characters bound the memory.
BATCH_ROWS, BATCH_CHARS = 8_192, 1_000_000
_FAULTS_SHOWN = 5

Progress = Callable[[int, float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictSummary:
    """What was done. `rows` = `predicted` + `without_text` + `unreadable`; `faults` are the first few of the latter."""

    target: str
    model_version: str
    rows: int
    predicted: int
    without_text: int
    unreadable: int
    needs_review: int
    seconds: float
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictOptions:
    """`min_confidence` empties what is less sure and adds `needs_review`; `threshold` decides which tags are given."""

    text_column: str = "text"
    category_column: str | None = None
    min_confidence: float | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("min-confidence", self.min_confidence), ("threshold", self.threshold)):
            if value is not None and not 0.0 <= value <= 1.0:
                raise UserError(f"--{name}: a number from 0 to 1 (got {value:g})")


def predict_file(
    engine: Engine,
    settings: Settings,
    project_name: str,
    source: Path,
    target: Path,
    *,
    model: str | None = None,
    text_column: str = "text",
    category_column: str | None = None,
    min_confidence: float | None = None,
    threshold: float | None = None,
    progress: Progress | None = None,
) -> PredictSummary:
    """Predict every row of `source` into `target`; formats by the files' names, the champion unless `model` is given.

    Order and cells of the input stay; `progress` is told the rows done and the share of the file read. Raises
    UserError for a missing column, file, project or model, and for what is no probability.
    """
    options = PredictOptions(
        text_column=text_column, category_column=category_column, min_confidence=min_confidence, threshold=threshold
    )
    with closing(open_input(source, target, options)) as table:
        with reading(engine) as session:
            project = get_project(session, project_name)
        predictor = open_model(settings, project, model)
        return predict_table(
            table,
            target,
            predictor,
            options,
            kind=predictor.kind,
            version=predictor.version or str(model),
            workers=usable_workers(),
            progress=progress,
        )


def open_input(source: Path, target: Path, options: PredictOptions) -> TableFile:
    """The opened input. Whatever is wrong with either file is found here, before a model is loaded."""
    if file_format(target) == "xlsx":
        raise UserError(f"{target}: Excel files are read, not written; use .csv, .tsv, .jsonl or .parquet")
    table = open_table(source)
    if target.exists() and target.samefile(source):
        raise UserError(f"{target}: this is the input; give the output another name")
    table.require(options.text_column, *([options.category_column] if options.category_column else []))
    return table


def predict_table(
    table: TableFile,
    target: Path,
    predictor: BulkPredictor,
    options: PredictOptions,
    *,
    kind: Kind,
    version: str,
    workers: int = 1,
    progress: Progress | None = None,
) -> PredictSummary:
    """As `predict_file`, with what it has opened."""
    columns = Columns.of(_columns_of(table), kind, review=options.min_confidence is not None)
    cells = Cells(kind=kind, min_confidence=options.min_confidence, nested=file_format(target) == "jsonl")
    asking = _Asking(predictor=predictor, threshold=options.threshold, cells=cells)
    tally = _Tally(started=perf_counter())
    with table_writer(target, columns.names) as write:
        batches = _batches(table.rows, options)
        for batch, answers in answer_all(batches, attrgetter("question"), asking, workers=workers):
            added = batch.spread(answers, cells.of_nothing())
            write([columns.keep(row) | more for row, more in zip(batch.rows, added, strict=True)])
            tally.add(batch, added)
            if progress is not None:
                progress(tally.counts["rows"], table.fraction())
    return tally.summary(target, version)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """What the model is asked of a batch; `categories` is None where none of them is known."""

    texts: list[str]
    categories: list[str | None] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """The model and what becomes of its answers: the cells of the rows that have a text."""

    predictor: BulkPredictor
    threshold: float | None
    cells: Cells

    def __call__(self, question: _Question) -> list[dict[str, Any]]:
        if not question.texts:
            return []
        answered = self.predictor.answer(question.texts, question.categories, self.threshold)
        return self.cells.of(answered, len(question.texts))


@dataclass(kw_only=True, slots=True)
class _Batch:
    """Rows in their order, and the texts of those that have one, with the places they came from."""

    rows: list[Row] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    categories: list[str | None] = field(default_factory=list)
    chars: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= BATCH_ROWS or self.chars >= BATCH_CHARS

    @property
    def question(self) -> _Question:
        return _Question(texts=self.texts, categories=self.categories if any(self.categories) else None)

    def take(self, row: Row, options: PredictOptions) -> None:
        # Where a row is broken, what looks like its text may be another column's: nothing is said of it.
        text = "" if row.fault else as_text(row.values.get(options.text_column))
        if text and not text.isspace():
            self.places.append(len(self.rows))
            self.texts.append(text)
            column = options.category_column
            self.categories.append(as_text(row.values.get(column)) or None if column else None)
            self.chars += len(text)
        self.rows.append(row)

    def spread(self, answers: Sequence[dict[str, Any]], nothing: dict[str, Any]) -> list[dict[str, Any]]:
        """The answers in the places of their rows, `nothing` in those between."""
        added = [nothing] * len(self.rows)
        for place, answer in zip(self.places, answers, strict=True):
            added[place] = answer
        return added


@dataclass(kw_only=True, slots=True)
class _Tally:
    started: float
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, batch: _Batch, added: Iterable[dict[str, Any]]) -> None:
        faults = [f"line {row.number}: {row.fault}" for row in batch.rows if row.fault]
        self.faults += faults[: _FAULTS_SHOWN - len(self.faults)]
        self.counts["rows"] += len(batch.rows)
        self.counts["predicted"] += len(batch.texts)
        self.counts["unreadable"] += len(faults)
        self.counts["without_text"] += len(batch.rows) - len(batch.texts) - len(faults)
        self.counts["needs_review"] += sum(bool(more.get(NEEDS_REVIEW)) for more in added)

    def summary(self, target: Path, version: str) -> PredictSummary:
        names = ("rows", "predicted", "without_text", "unreadable", "needs_review")
        return PredictSummary(
            target=str(target),
            model_version=version,
            seconds=perf_counter() - self.started,
            faults=tuple(self.faults),
            **{name: self.counts[name] for name in names},
        )


def _batches(rows: Iterable[Row], options: PredictOptions) -> Iterator[_Batch]:
    batch = _Batch()
    for row in rows:
        batch.take(row, options)
        if batch.is_full:
            yield batch
            batch = _Batch()
    if batch.rows:
        yield batch


def _columns_of(table: TableFile) -> tuple[str, ...]:
    """All columns; lines of JSON may bring new ones at any place, so those files are read once to the end for them."""
    if file_format(table.path) != "jsonl":
        return table.columns
    names = dict.fromkeys(table.columns)
    for row in open_table(table.path).rows:
        if not row.fault:
            names.update(dict.fromkeys(row.values))
    return tuple(names)
