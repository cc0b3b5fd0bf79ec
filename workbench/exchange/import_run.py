"""One running import: rows in chunks, conflicts taken back, everything made visible at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.annotation_log import annotations_for
from db.annotations import refresh_queue_items, save_annotations
from db.audit import note_change
from db.engine import writing
from db.errors import UserError
from db.imports import (
    StoredIdentity,
    add_records,
    complete_import,
    count_duplicate_texts,
    count_proposals,
    show_alive,
    stored_identities,
    take_back,
)
from db.label_sets import get_label_set, save_label_set
from db.proposals import refresh_on_list, save_proposals
from db.record_states import note_import
from db.records import chunks
from db.tables import utcnow
from db.types import Annotation, Answer, Project, Proposal
from workbench.exchange.import_rows import annotation_of, last_said, proposals_of, record_row
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.parsing import Candidate, RowFault, RowParser
from workbench.exchange.requests import ImportRequest, ImportSummary
from workbench.files.reading import TableFile, open_table
from workbench.files.rejects import Rejects
from workbench.files.rows import Row

CHUNK = 5_000
Progress = Callable[[int, float], None]


class ImportRun:
    """What an import has seen so far, and where rows that cannot be taken go.

    What is shown already stays as it is until the import completes: people's answers and proposals for records that
    were there before wait in memory, so that a row further down can still take the place of one above.
    """

    def __init__(
        self, engine: Engine, request: ImportRequest, project: Project, import_id: int, check: LabelCheck, home: Path
    ) -> None:
        self._engine = engine
        self._request = request
        self._project = project
        self._import_id = import_id
        self._check = check
        self._home = home
        self._rejects = Rejects()
        self._conflicting: set[str] = set()
        self._known: set[int] = set()
        self._said: dict[int, tuple[Answer, str | None]] = {}
        self._waiting: dict[tuple[int, str], Proposal] = {}
        self._started = utcnow()
        self._summary = ImportSummary(project=project.name, file=request.name or str(request.path))

    def take(self, table: TableFile, progress: Progress) -> ImportSummary:
        """Import every row that can be; raises UserError if none can."""
        parse = RowParser(self._request, self._project.kind, table.columns)
        for chunk in self._chunks(table, parse, progress):
            with writing(self._engine) as session:
                show_alive(session, self._import_id)
                self._save(session, chunk)
        if self._conflicting:
            self._reject_conflicting(parse)
        summary = self._summary
        summary.accepted = summary.rows - self._rejects.count
        summary.rejected = self._rejects.count
        summary.first_reason = self._rejects.first_reason
        rejected_file = self._rejects.write(self._request.path, table.columns, self._home)
        summary.rejected_file = None if rejected_file is None else str(rejected_file)
        if summary.accepted <= 0:
            raise UserError(self._nothing_taken())
        annotated = self._save_answers()
        with writing(self._engine, by=self._request.asked_by or None) as session:
            self._complete(session, annotated)
        return summary

    def _nothing_taken(self) -> str:
        if not self._summary.rows:
            return f"{self._request.path}: no rows below the line that names the columns"
        return (
            f"{self._request.path}: none of {self._summary.rows} rows can be taken; {self._summary.first_reason}"
            f" (all of them: {self._summary.rejected_file})"
        )

    def _chunks(self, table: TableFile, parse: RowParser, progress: Progress) -> Iterator[list[Candidate]]:
        chunk: list[Candidate] = []
        for row in table.rows:
            self._summary.rows += 1
            try:
                chunk.append(self._admitted(parse, row))
            except RowFault as fault:
                self._rejects.add(row, str(fault))
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
                progress(self._summary.rows, table.fraction())
        yield chunk
        progress(self._summary.rows, 1.0)

    def _admitted(self, parse: RowParser, row: Row) -> Candidate:
        candidate = parse(row)
        if candidate.answer is not None and self._request.as_annotation:
            self._check.admit(candidate.answer, candidate.category)
        return candidate

    def _save(self, session: Session, chunk: list[Candidate]) -> None:
        stored = stored_identities(session, self._project, list({c.external_id for c in chunk}))
        fresh: dict[str, Candidate] = {}
        kept: list[Candidate] = []
        for candidate in chunk:
            if self._has_its_id_alone(candidate, stored, fresh):
                kept.append(candidate)
                if candidate.external_id not in stored:
                    fresh.setdefault(candidate.external_id, candidate)
        self._take_back(session, stored)
        fresh = {key: c for key, c in fresh.items() if key not in self._conflicting}
        add_records(session, [record_row(c, self._project, self._import_id) for c in fresh.values()])
        stored |= stored_identities(session, self._project, list(fresh))
        self._summary.new_records += len(fresh)
        kept = [c for c in kept if c.external_id not in self._conflicting]
        self._known.update(e.record_id for c in kept if (e := stored[c.external_id]).import_id != self._import_id)
        self._save_proposals(session, kept, stored)
        if self._request.as_annotation:
            self._said |= {
                stored[c.external_id].record_id: (c.answer, c.category) for c in kept if c.answer is not None
            }

    def _has_its_id_alone(
        self, candidate: Candidate, stored: dict[str, StoredIdentity], fresh: dict[str, Candidate]
    ) -> bool:
        """Whether its id stands for one text. Within a file no order decides: all rows of such an id are rejected."""
        key = candidate.external_id
        text_key = candidate.identity["text_key"]
        if key in self._conflicting:
            return False
        if key in stored and stored[key].import_id != self._import_id:
            if stored[key].text_key == text_key:
                return True
            self._reject_conflict(candidate, f"id {key[:80]!r} is already there with another text")
            return False
        earlier = stored[key].text_key if key in stored else fresh[key].identity["text_key"] if key in fresh else None
        if earlier is None or earlier == text_key:
            return True
        self._conflicting.add(key)
        return False

    def _reject_conflict(self, candidate: Candidate, reason: str) -> None:
        self._summary.conflicts += 1
        self._rejects.add(candidate.row, reason)

    def _take_back(self, session: Session, stored: dict[str, StoredIdentity]) -> None:
        """Remove what earlier chunks of this import brought for ids that turned out to conflict."""
        ids = [stored[key].record_id for key in self._conflicting & stored.keys()]
        if ids:
            take_back(session, self._import_id, ids)
            self._summary.new_records -= len(ids)
            for record_id in ids:
                self._said.pop(record_id, None)

    def _reject_conflicting(self, parse: RowParser) -> None:
        """Read the file once more for the rows whose ids conflict: by now they are known, wherever they stand."""
        with open_table(self._request.path, sheet=self._request.sheet) as table:
            for row in table.rows:
                with suppress(RowFault):
                    candidate = self._admitted(parse, row)
                    if (key := candidate.external_id) in self._conflicting:
                        self._reject_conflict(candidate, f"id {key[:80]!r} comes with different texts")

    def _save_proposals(self, session: Session, kept: list[Candidate], stored: dict[str, StoredIdentity]) -> None:
        unseen: list[Proposal] = []
        for candidate in kept:
            record_id = stored[candidate.external_id].record_id
            for proposal in proposals_of(candidate, record_id, self._request, self._check):
                if proposal.record_id in self._known:
                    self._waiting[proposal.record_id, proposal.source] = proposal
                else:
                    unseen.append(proposal)
        save_proposals(session, self._project, unseen, import_id=self._import_id)

    def _save_answers(self) -> list[int]:
        """Save people's answers, unseen until the import completes; returns the records they are on."""
        annotated: list[int] = []
        for ids in chunks(list(self._said), CHUNK):
            with writing(self._engine) as session:
                show_alive(session, self._import_id)
                annotations = self._unsaid(session, ids)
                save_annotations(session, self._project, annotations, import_id=self._import_id)
            annotated += [a.record_id for a in annotations]
        self._summary.annotations = len(annotated)
        return annotated

    def _unsaid(self, session: Session, ids: Sequence[int]) -> list[Annotation]:
        """The answers that say something new: importing a file twice adds nothing."""
        request = self._request
        log = annotations_for(session, [i for i in ids if i in self._known])
        latest = {record_id: last_said(rows, request.by) for record_id, rows in log.items()}
        return [
            annotation_of(i, self._said[i][0], request, self._started)
            for i in ids
            if latest.get(i) != (self._said[i][0], request.blind)
        ]

    def _complete(self, session: Session, annotated: list[int]) -> None:
        summary = self._summary
        summary.known_records = len(self._known)
        # Rows that came again under the same id, and records of different ids with the same text.
        repeated = summary.accepted - summary.new_records - summary.known_records
        summary.duplicates = repeated + count_duplicate_texts(session, self._import_id)
        label_set, summary.labels_added = self._check.extended(
            get_label_set(session, self._project), self._said.values()
        )
        waiting = list(self._waiting.values())
        save_proposals(session, self._project, waiting)
        if summary.labels_added:
            label_set = save_label_set(session, self._project, label_set)
            refresh_on_list(session, self._project, label_set)
        fresh, off_list = count_proposals(session, self._import_id)
        summary.proposals = fresh + len(waiting)
        summary.off_list_proposals = off_list + sum(not p.on_list for p in waiting)
        counts = {key: value for key, value in asdict(summary).items() if isinstance(value, int)}
        complete_import(session, self._import_id, counts)
        note_change(session, "data.import", project=self._project.name, subject=self._request.called, new=counts)
        note_import(session, self._project, self._import_id)
        refresh_queue_items(session, self._project, annotated)
