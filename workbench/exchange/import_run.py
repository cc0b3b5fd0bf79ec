"""One running import: rows in chunks, conflicts taken back, everything made visible at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.annotations import annotations_for, refresh_queue_items, save_annotations, standing
from db.engine import writing
from db.errors import UserError
from db.imports import StoredIdentity, add_records, complete_import, count_duplicate_texts, stored_identities, take_back
from db.label_sets import save_label_set
from db.proposals import refresh_on_list, save_proposals
from db.types import Annotation, Answer, Project, Proposal, Stage, Status
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.parsing import Candidate, RowFault, RowParser, SourcedAnswer
from workbench.files.rejects import Rejects
from workbench.exchange.requests import ImportRequest, ImportSummary
from workbench.files.reading import TableFile

CHUNK = 5_000
Progress = Callable[[int, float], None]


class ImportRun:
    """What an import has seen so far, and where rows that cannot be taken go."""

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
        self._annotated: set[int] = set()
        self._summary = ImportSummary(project=project.name, file=str(request.path))

    def take(self, table: TableFile, progress: Progress) -> ImportSummary:
        """Import every row that can be; raises UserError if none can."""
        for chunk in self._chunks(table, progress):
            with writing(self._engine) as session:
                self._save(session, chunk)
        summary = self._summary
        summary.accepted = summary.rows - self._rejects.count
        summary.rejected = self._rejects.count
        summary.first_reason = self._rejects.first_reason
        rejected_file = self._rejects.write(self._request.path, table.columns, self._home)
        summary.rejected_file = None if rejected_file is None else str(rejected_file)
        if summary.accepted <= 0:
            raise UserError(self._nothing_taken())
        with writing(self._engine) as session:
            self._complete(session)
        return summary

    def _nothing_taken(self) -> str:
        if not self._summary.rows:
            return f"{self._request.path}: no rows below the line that names the columns"
        return (
            f"{self._request.path}: none of {self._summary.rows} rows can be taken; {self._summary.first_reason}"
            f" (all of them: {self._summary.rejected_file})"
        )

    def _chunks(self, table: TableFile, progress: Progress) -> Iterator[list[Candidate]]:
        parse = RowParser(self._request, self._project.kind, table.columns)
        chunk: list[Candidate] = []
        for row in table.rows:
            self._summary.rows += 1
            try:
                candidate = parse(row)
                if candidate.answer is not None and self._request.as_annotation:
                    self._check.admit(candidate.answer, candidate.category)
            except RowFault as fault:
                self._rejects.add(row, str(fault))
                continue
            chunk.append(candidate)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
                progress(self._summary.rows, table.fraction())
        yield chunk
        progress(self._summary.rows, 1.0)

    def _save(self, session: Session, chunk: list[Candidate]) -> None:
        stored = stored_identities(session, self._project, list({c.external_id for c in chunk}))
        fresh: dict[str, Candidate] = {}
        kept: list[Candidate] = []
        for candidate in chunk:
            if self._is_conflict(candidate, stored, fresh):
                continue
            if candidate.external_id not in stored:
                fresh.setdefault(candidate.external_id, candidate)
            kept.append(candidate)
        kept = [c for c in kept if c.external_id not in self._conflicting]
        fresh = {key: c for key, c in fresh.items() if key not in self._conflicting}
        self._take_back(session, stored)
        add_records(session, [self._record(c) for c in fresh.values()])
        ids = {key: entry.record_id for key, entry in stored_identities(session, self._project, list(fresh)).items()}
        ids |= {key: entry.record_id for key, entry in stored.items()}
        self._summary.new_records += len(fresh)
        self._summary.known_records += len({c.external_id for c in kept} - set(fresh))
        self._save_answers(session, kept, ids)

    def _is_conflict(
        self, candidate: Candidate, stored: dict[str, StoredIdentity], fresh: dict[str, Candidate]
    ) -> bool:
        """An id that stands for two texts. Within one file no order decides, so both rows are rejected."""
        key = candidate.external_id
        text_key = candidate.identity["text_key"]
        reason = f"id {key[:80]!r} comes with different texts"
        if key not in self._conflicting:
            if key in stored and stored[key].text_key != text_key:
                if stored[key].import_id != self._import_id:
                    self._summary.conflicts += 1
                    self._rejects.add(candidate.row, f"id {key[:80]!r} is already there with another text")
                    return True
                self._conflicting.add(key)
            elif key in fresh and fresh[key].identity["text_key"] != text_key:
                self._rejects.add(fresh[key].row, reason)
                self._summary.conflicts += 1
                self._conflicting.add(key)
        if key in self._conflicting:
            self._summary.conflicts += 1
            self._rejects.add(candidate.row, reason)
            return True
        return False

    def _take_back(self, session: Session, stored: dict[str, StoredIdentity]) -> None:
        """Rows of earlier chunks of this import that turned out to conflict."""
        ids = [
            entry.record_id
            for key, entry in stored.items()
            if key in self._conflicting and entry.import_id == self._import_id
        ]
        for external_id, text in take_back(session, self._import_id, ids) if ids else ():
            values = {self._request.id_column or "id": external_id, self._request.text_column: text}
            self._rejects.add_earlier(values, f"id {external_id[:80]!r} comes with different texts")
            self._summary.conflicts += 1
            self._summary.new_records -= 1

    def _record(self, candidate: Candidate) -> dict[str, object]:
        return {
            "project_id": self._project.id,
            "external_id": candidate.external_id,
            "text": candidate.text,
            "original_text": candidate.original_text,
            "group": candidate.group,
            "category": candidate.category,
            "attributes": candidate.attributes,
            "import_id": self._import_id,
            **candidate.identity,
        }

    def _save_answers(self, session: Session, kept: list[Candidate], ids: dict[str, int]) -> None:
        labelled = {c.external_id: c for c in kept if c.answer is not None}
        if self._request.as_annotation:
            annotations = [self._annotation(ids[key], c.answer) for key, c in labelled.items() if c.answer is not None]
            annotations = self._unsaid(session, annotations)
            self._summary.annotations += save_annotations(
                session, self._project, annotations, import_id=self._import_id
            )
            self._annotated.update(a.record_id for a in annotations)
        proposals = [self._proposal(ids[c.external_id], c, given) for c in kept for given in self._given(c)]
        self._summary.proposals += len(proposals)
        self._summary.off_list_proposals += sum(not p.on_list for p in proposals)
        save_proposals(session, self._project, proposals, import_id=self._import_id)

    def _unsaid(self, session: Session, annotations: list[Annotation]) -> list[Annotation]:
        """Those that say something new: importing a file twice adds nothing."""
        log = annotations_for(session, [a.record_id for a in annotations], unfinished=self._import_id)
        said = {record_id: standing(rows) for record_id, rows in log.items()}
        latest = {
            record_id: next((a.answer for a in reversed(rows) if a.person == self._request.by), None)
            for record_id, rows in said.items()
        }
        return [a for a in annotations if latest.get(a.record_id) != a.answer]

    def _given(self, candidate: Candidate) -> list[SourcedAnswer]:
        given = list(candidate.proposals)
        if candidate.answer is not None and not self._request.as_annotation:
            given.append(SourcedAnswer(source=self._request.by, answer=candidate.answer, score=None))
        return given

    def _annotation(self, record_id: int, answer: Answer) -> Annotation:
        return Annotation(
            record_id=record_id,
            person=self._request.by,
            status=Status.GIVEN,
            answer=answer,
            blind=self._request.blind,
        )

    def _proposal(self, record_id: int, candidate: Candidate, given: SourcedAnswer) -> Proposal:
        return Proposal(
            record_id=record_id,
            stage=Stage.IMPORT,
            source=given.source,
            answer=given.answer,
            score=given.score,
            on_list=self._check.on_list(given.answer, candidate.category),
        )

    def _complete(self, session: Session) -> None:
        summary = self._summary
        summary.duplicates = count_duplicate_texts(session, self._import_id)
        label_set, summary.labels_added = self._check.extended()
        if summary.labels_added:
            label_set = save_label_set(session, self._project, label_set)
        complete_import(session, self._import_id, {k: v for k, v in asdict(summary).items() if isinstance(v, int)})
        if summary.labels_added:
            refresh_on_list(session, self._project, label_set)
        refresh_queue_items(session, self._project, sorted(self._annotated))
