"""What there is to label: each different text once, and how people left it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.annotation_log import all_annotations, standing, wants_people
from db.groups import iterate_units
from db.project_settings import ProjectSettings
from db.text_keys import in_blind_stream
from db.types import Annotation, Project, Record, Status

# SQLite sorts what is left of a project for each batch: few large ones are many times faster here.
BATCH = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A text and the record that stands for it among its twins.

    `wanted`: too few people answered and nobody flagged it; `answered`: somebody did; `skipped`: somebody passed.
    """

    record: Record
    blind: bool
    wanted: bool
    answered: bool
    skipped: bool

    @property
    def fresh(self) -> bool:
        return self.wanted and not self.skipped


def list_candidates(session: Session, project: Project, settings: ProjectSettings) -> list[Candidate]:
    """Every different text of the project, by ascending id of its first record."""
    log = all_annotations(session, project)
    twins: dict[str, list[Record]] = {}
    for batch in iterate_units(session, project, settings, batch=BATCH):
        for record in batch:
            twins.setdefault(record.text_key, []).append(record)
    return [judge(records, log, settings) for records in twins.values()]


def judge(twins: Sequence[Record], log: Mapping[int, Sequence[Annotation]], settings: ProjectSettings) -> Candidate:
    """What the annotations say about one text, given its records. Pure.

    A text with a record in the blind stream belongs to the stream: the twins outside may not train, so they are never
    asked for, and answers on them cannot stand in for blind ones.
    """
    stream = [record for record in twins if in_blind_stream(record.blind_hash, settings.blind_share)]
    records = stream or twins
    annotations = [a for record in records for a in log.get(record.id, ())]
    stand = standing(annotations)
    return Candidate(
        # People's answers are counted per record, so the twin that has some goes on collecting.
        record=max(records, key=lambda record: (len(log.get(record.id, ())), -record.id)),
        blind=bool(stream),
        wanted=wants_people(annotations, settings.overlap),
        answered=any(a.status.is_answer for a in stand),
        skipped=any(a.status is Status.SKIPPED for a in stand),
    )
