"""Freezing: the database's gold labels → a snapshot, with fixed splits and nothing of the blind stream in training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from db.annotation_log import all_annotations
from db.gold import resolve
from db.groups import iterate_units
from db.label_sets import get_label_set
from db.project_settings import ProjectSettings, get_settings
from db.proposals import iterate_proposals
from db.records import iterate_records
from db.text_keys import in_blind_stream
from db.types import Annotation, Gold, Project, Record
from training.snapshot import CORPUS, PROPOSALS, ROWS, Snapshot, Split, sealed

if TYPE_CHECKING:
    from pandas import DataFrame

CORPUS_TEXTS = 20_000
VALIDATION_PERCENT = 10


@dataclass(frozen=True, kw_only=True)
class _Labelled:
    record: Record
    gold: Gold
    split: Split
    latest: int


def build(session: Session, project: Project, *, with_proposals: bool = False) -> Snapshot:
    """The project's snapshot as of now. Blind-stream records carry blind answers or stay out altogether."""
    settings = get_settings(session, project)
    units = [unit for batch in iterate_units(session, project, settings) for unit in batch]
    annotations = _by_unit(session, project, settings)
    stream = {u.text_key for u in units if in_blind_stream(u.blind_hash, settings.blind_share)}
    labelled = _distinct(_label(units, annotations, settings, stream))
    used = stream | {unit.text_key for unit in units if unit.id in annotations}
    corpus = _corpus(unit for unit in units if unit.text_key not in used)
    known = set(corpus["text_key"]) | {
        x.record.text_key for x in labelled if x.split in (Split.TRAIN, Split.VALIDATION)
    }
    return sealed(
        Snapshot(
            project=project.name,
            kind=project.kind,
            label_set=get_label_set(session, project),
            rows=_rows(labelled),
            corpus=corpus,
            proposals=_proposals(session, project, units, known) if with_proposals else None,
        )
    )


def _by_unit(session: Session, project: Project, settings: ProjectSettings) -> dict[int, list[Annotation]]:
    """Annotations by the record that stands for its unit, oldest first."""
    log = all_annotations(session, project)
    if not settings.by_group:
        return log
    first: dict[str, int] = {}
    merged: dict[int, list[Annotation]] = {}
    for batch in iterate_records(session, project):
        for record in batch:
            unit = record.id if record.group is None else first.setdefault(record.group, record.id)
            merged.setdefault(unit, []).extend(log.get(record.id, ()))
    return {unit: sorted(rows, key=lambda a: a.id or 0) for unit, rows in merged.items() if rows}


def _label(
    units: Iterable[Record], annotations: dict[int, list[Annotation]], settings: ProjectSettings, stream: set[str]
) -> Iterator[_Labelled]:
    for unit in units:
        rows = annotations.get(unit.id)
        if rows is None:
            continue
        blind = in_blind_stream(unit.blind_hash, settings.blind_share)
        if not blind and unit.text_key in stream:
            continue
        gold = resolve(rows, overlap=settings.overlap, blind_only=blind)
        if gold is not None:
            split = Split(unit.half.value) if blind else _training_split(unit)
            yield _Labelled(record=unit, gold=gold, split=split, latest=max(a.id or 0 for a in rows))


def _training_split(unit: Record) -> Split:
    """By hash of the group, else of the text: the same for everyone and for ever, and twins stay together."""
    key = unit.text_key if unit.group is None else unit.group
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, person=b"validation").digest()
    return Split.VALIDATION if int.from_bytes(digest, "big") % 100 < VALIDATION_PERCENT else Split.TRAIN


def _distinct(labelled: Iterable[_Labelled]) -> list[_Labelled]:
    """One row per text and known category: the one that was answered last."""
    kept: dict[tuple[str, str | None], _Labelled] = {}
    for row in labelled:
        key = row.record.text_key, row.record.category
        if key not in kept or kept[key].latest < row.latest:
            kept[key] = row
    return list(kept.values())


def _rows(labelled: Iterable[_Labelled]) -> DataFrame:
    return frame(
        ROWS,
        [
            (
                x.record.id,
                x.record.external_id,
                x.record.text,
                x.record.text_key,
                x.record.group,
                x.record.category,
                x.gold.answer.category,
                x.gold.answer.tags,
                x.gold.annotators,
                x.split.value,
                1.0,
            )
            for x in labelled
        ],
    )


def _corpus(units: Iterable[Record]) -> DataFrame:
    """Different texts; where there are too many, those with the smallest hashes, which is a fixed random choice."""
    texts = sorted({unit.text_key: unit.text for unit in units}.items())
    return frame(CORPUS, texts[:CORPUS_TEXTS])


def _proposals(session: Session, project: Project, units: Iterable[Record], known: set[str]) -> DataFrame:
    keys = {unit.id: unit.text_key for unit in units if unit.text_key in known}
    # Oldest first, so that a source's newest answer on a text is the one that stays.
    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for p in iterate_proposals(session, project):
        if (key := keys.get(p.record_id)) is not None and p.on_list:
            tags = p.answer.tags
            probabilities = json.dumps(dict(sorted(p.probabilities.items())), ensure_ascii=False)
            latest[key, p.source] = (key, p.source, p.stage.value, p.answer.category, tags, p.score, probabilities)
    return frame(PROPOSALS, list(latest.values()))


def frame(columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> DataFrame:
    """Columns of Python values; an empty frame keeps the types that Parquet and the recipes rely on."""
    import pandas as pd

    types: dict[str, Any] = {
        "record_id": "int64",
        "weight": "float64",
        "score": "float64",
        "tags": object,
        "annotators": object,
    }
    data = {
        name: pd.Series([row[place] for row in rows], dtype=types.get(name, "str"))
        for place, name in enumerate(columns)
    }
    return pd.DataFrame(data)
