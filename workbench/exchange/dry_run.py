"""What an import would do, tried on the first rows of its file by the rules of the import, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Engine

from db.annotation_log import annotations_for
from db.engine import reading
from db.imports import stored_identities
from db.label_sets import get_label_set
from db.types import Answer, Kind, LabelSet, Project
from workbench.exchange.cleaning import check_cleaners
from workbench.exchange.import_rows import last_said, proposals_of
from workbench.exchange.importing import naming, target_project
from workbench.exchange.label_check import LabelCheck
from workbench.exchange.parsing import Candidate, RowFault, RowParser
from workbench.exchange.requests import ImportRequest
from workbench.files.reading import open_table
from workbench.files.rows import Row

ROWS = 1_000
_SHOWN_FAULTS, _SHOWN_TEXT = 20, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row would be rejected, and the beginning of what it says."""

    line: int
    reason: str
    text: str


@dataclass(slots=True, kw_only=True)
class DryRun:
    """Counts over the first `rows` rows; `whole` where the file has no more. `faults` are the first of `rejected`."""

    makes_project: bool
    rows: int = 0
    whole: bool = True
    new_records: int = 0
    known_records: int = 0
    repeated: int = 0
    rejected: int = 0
    faults: list[Fault] = field(default_factory=list)
    annotations: int = 0
    proposals: int = 0
    off_list_proposals: int = 0
    labels_added: list[str] = field(default_factory=list)


def dry_run(engine: Engine, request: ImportRequest, *, rows: int = ROWS) -> DryRun:
    """Raises UserError for what would refuse the import as a whole."""
    request.check()
    check_cleaners(request.cleaning)
    with naming(request), open_table(request.path, sheet=request.sheet) as table:
        table.require(*request.columns)
        project, label_set = _target(engine, request)
        kind = request.kind if project is None else project.kind
        assert kind is not None
        result = DryRun(makes_project=project is None)
        trial = _Trial(result, request, kind, table.columns, label_set)
        source = iter(table.rows)
        for row in islice(source, rows):
            trial.take(row)
        result.whole = next(source, None) is None
    trial.settle(_known(engine, project, list(trial.by_id), by=request.by), label_set)
    return result


def _target(engine: Engine, request: ImportRequest) -> tuple[Project | None, LabelSet]:
    with reading(engine) as session:
        project = target_project(session, request)
        return project, LabelSet() if project is None else get_label_set(session, project)


@dataclass(frozen=True, slots=True)
class _Known:
    """A record that is there, and what the person whose answers are imported last said of it."""

    text_key: str
    said: tuple[Answer, bool] | None


def _known(engine: Engine, project: Project | None, ids: list[str], *, by: str) -> dict[str, _Known]:
    if project is None:
        return {}
    with reading(engine) as session:
        stored = stored_identities(session, project, ids)
        log = annotations_for(session, [identity.record_id for identity in stored.values()])
    return {key: _Known(one.text_key, last_said(log.get(one.record_id, ()), by)) for key, one in stored.items()}


class _Trial:
    """The rows that could be taken so far, by the id of the record they would be."""

    def __init__(
        self, result: DryRun, request: ImportRequest, kind: Kind, columns: tuple[str, ...], label_set: LabelSet
    ) -> None:
        self._result = result
        self._request = request
        self._parse = RowParser(request, kind, columns)
        self._kind = kind
        self._check = LabelCheck(label_set, kind, may_add=request.add_labels)
        self.by_id: dict[str, list[Candidate]] = {}

    def take(self, row: Row) -> None:
        self._result.rows += 1
        try:
            candidate = self._parse(row)
            if candidate.answer is not None and self._request.as_annotation:
                self._check.admit(candidate.answer, candidate.category)
        except RowFault as fault:
            self._reject(row, str(fault))
        else:
            self.by_id.setdefault(candidate.external_id, []).append(candidate)

    def settle(self, known: dict[str, _Known], label_set: LabelSet) -> None:
        """Tell new records from known ones, reject ids that stand for two texts, and count what the rest brings."""
        for key in list(self.by_id):
            if key in known:
                self._reject_others(key, known[key].text_key, f"id {key[:80]!r} is already there with another text")
            elif len({candidate.identity["text_key"] for candidate in self.by_id[key]}) > 1:
                self._reject_others(key, None, f"id {key[:80]!r} comes with different texts")
            if not self.by_id[key]:
                del self.by_id[key]
        self._result.faults.sort(key=lambda fault: fault.line)
        extended = self._add_labels(label_set)
        after = LabelCheck(extended, self._kind, may_add=False)
        for key, candidates in self.by_id.items():
            self._count(candidates, known.get(key))
            self._count_proposals(candidates, after)

    def _add_labels(self, label_set: LabelSet) -> LabelSet:
        if not self._request.as_annotation:
            return label_set
        said = ((one.answer, one.category) for found in self.by_id.values() for one in _answered(found)[-1:])
        extended, self._result.labels_added = self._check.extended(
            label_set, [(answer, category) for answer, category in said if answer is not None]
        )
        return extended

    def _count(self, candidates: list[Candidate], known: _Known | None) -> None:
        result = self._result
        result.known_records += known is not None
        result.new_records += known is None
        result.repeated += len(candidates) - 1
        answers = [one.answer for one in _answered(candidates)] if self._request.as_annotation else []
        unsaid = known is None or known.said != ((answers or [None])[-1], self._request.blind)
        result.annotations += bool(answers) and unsaid

    def _count_proposals(self, candidates: list[Candidate], check: LabelCheck) -> None:
        """Of a record that comes twice, each source's last proposal counts."""
        brought = (p for candidate in candidates for p in proposals_of(candidate, 0, self._request, check))
        last = {proposal.source: proposal for proposal in brought}
        self._result.proposals += len(last)
        self._result.off_list_proposals += sum(not proposal.on_list for proposal in last.values())

    def _reject_others(self, key: str, text_key: str | None, reason: str) -> None:
        """Reject this id's rows but those with this text."""
        for candidate in self.by_id[key]:
            if candidate.identity["text_key"] != text_key:
                self._reject(candidate.row, reason)
        self.by_id[key] = [one for one in self.by_id[key] if one.identity["text_key"] == text_key]

    def _reject(self, row: Row, reason: str) -> None:
        self._result.rejected += 1
        if len(self._result.faults) < _SHOWN_FAULTS:
            text = str(row.values.get(self._request.text_column) or row.values.get("") or "")
            shown = text.encode("utf-8", "replace").decode("utf-8", "replace")[:_SHOWN_TEXT]
            self._result.faults.append(Fault(line=row.number, reason=reason, text=shown))


def _answered(candidates: list[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.answer is not None]
