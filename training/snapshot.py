"""A frozen, fingerprinted export of what people said, with its splits: what a model is trained and judged on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import UserError
from db.label_sets import as_definition, parse_label_set
from db.types import Kind, LabelSet
from training.folders import read_json, write_json

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS = (
    "record_id", "id", "text", "text_key", "group", "record_category",
    "category", "tags", "annotators", "split", "weight",
)  # fmt: skip
CORPUS = ("text_key", "text")
PROPOSALS = ("text_key", "source", "stage", "category", "tags", "score", "probabilities")
_LISTS = ("tags", "annotators")


class Task(StrEnum):
    CATEGORY = "category"
    TAGS = "tags"


class Split(StrEnum):
    """The first two train; the others are the halves of the blind stream, and never do."""

    TRAIN = "train"
    VALIDATION = "validation"
    CALIBRATION = "calibration"
    TEST = "test"


def tasks_of(kind: Kind) -> tuple[Task, ...]:
    return tuple(task for task, asked in ((Task.CATEGORY, kind.asks_category), (Task.TAGS, kind.asks_tags)) if asked)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """`rows` are labelled texts (columns ROWS, a text once per known category), `corpus` unlabelled ones (CORPUS).

    In `rows`, `category` is null and `tags` None where people did not say; tags and annotators are tuples.
    `proposals` (columns PROPOSALS, one row per text and source) is None unless asked for; machines' answers on training
    texts and on the corpus only.
    """

    project: str
    kind: Kind
    label_set: LabelSet
    rows: DataFrame
    corpus: DataFrame
    proposals: DataFrame | None = None
    fingerprint: str = ""

    def labelled(self, task: Task, *splits: Split) -> DataFrame:
        """The rows of these splits (all without one named) that have an answer to `task`, renumbered."""
        chosen = self.rows["split"].isin([s.value for s in splits or Split]) & self.rows[task.value].notna()
        return self.rows[chosen].reset_index(drop=True)

    def training(self, task: Task) -> DataFrame:
        return self.labelled(task, Split.TRAIN, Split.VALIDATION)

    @property
    def counts(self) -> dict[str, int]:
        by_split = self.rows["split"].value_counts()
        proposals = 0 if self.proposals is None else len(self.proposals)
        return {s.value: int(by_split.get(s.value, 0)) for s in Split} | {
            "corpus": len(self.corpus),
            "proposals": proposals,
        }


def sealed(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the fingerprint of its content, which does not depend on the order of rows."""
    return replace(snapshot, fingerprint=fingerprint(snapshot))


def fingerprint(snapshot: Snapshot) -> str:
    """32 hexadecimal digits; database ids do not count, so that a restored database gives the same."""
    head = {"kind": snapshot.kind.value, "labels": as_definition(snapshot.label_set)}
    digest = blake2b(json.dumps(head, sort_keys=True).encode(), digest_size=16)
    frames = {"rows": snapshot.rows, "corpus": snapshot.corpus, "proposals": snapshot.proposals}
    for name, frame in frames.items():
        if frame is not None:
            content = frame.drop(columns="record_id", errors="ignore")
            digest.update(name.encode() + b"".join(sorted(_row_digests(content))))
    return digest.hexdigest()


def save(snapshot: Snapshot, folder: Path) -> Path:
    """Write `<fingerprint>.json` and Parquet files into `folder`, once; returns the file of the rows."""
    rows = folder / f"{snapshot.fingerprint}.parquet"
    meta = folder / f"{snapshot.fingerprint}.json"
    if meta.exists():
        return rows
    folder.mkdir(parents=True, exist_ok=True)
    snapshot.rows.to_parquet(rows)
    snapshot.corpus.to_parquet(folder / f"{snapshot.fingerprint}.corpus.parquet")
    if snapshot.proposals is not None:
        snapshot.proposals.to_parquet(folder / f"{snapshot.fingerprint}.proposals.parquet")
    # The JSON comes last: its presence says that the rest is complete.
    write_json(meta, _meta(snapshot))
    return rows


def find(folder: Path, wanted: str) -> str:
    """The fingerprint in `folder` that is or starts with `wanted`; raises UserError naming those there are."""
    known = sorted(path.stem for path in folder.glob("*.json"))
    found = [name for name in known if wanted and name.startswith(wanted)]
    if len(found) != 1:
        raise UserError(
            f"snapshot {wanted!r}: {len(found)} found in {folder} (there are: {', '.join(known) or 'none'})"
        )
    return found[0]


def load(folder: Path, wanted: str) -> Snapshot:
    """The snapshot whose fingerprint is or starts with `wanted`; raises UserError naming those there are."""
    name = find(folder, wanted)
    meta = read_json(folder / f"{name}.json")
    proposals = folder / f"{name}.proposals.parquet"
    return Snapshot(
        project=meta["project"],
        kind=Kind(meta["kind"]),
        label_set=replace(parse_label_set(meta["label_set"]), version=meta["label_set_version"]),
        rows=_read(folder / f"{name}.parquet"),
        corpus=_read(folder / f"{name}.corpus.parquet"),
        proposals=_read(proposals) if proposals.exists() else None,
        fingerprint=name,
    )


def _meta(snapshot: Snapshot) -> Mapping[str, Any]:
    return {
        "project": snapshot.project,
        "kind": snapshot.kind.value,
        "label_set": as_definition(snapshot.label_set),
        "label_set_version": snapshot.label_set.version,
        "counts": snapshot.counts,
    }


def _read(path: Path) -> DataFrame:
    import pandas as pd

    frame = pd.read_parquet(path)
    for column in set(_LISTS) & set(frame):
        # Parquet gives lists back as arrays, or as None.
        frame[column] = pd.Series([None if x is None else tuple(x) for x in frame[column]], dtype=object)
    return frame


def _row_digests(frame: DataFrame) -> list[bytes]:
    columns = [[None if _missing(x) else x for x in frame[name]] for name in frame]
    return [
        blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for row in zip(*columns, strict=True)
    ]


def _missing(value: object) -> bool:
    return value is None or value != value
