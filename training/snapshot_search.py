"""Which snapshots hold a text, and in which split; reads of their files only what it needs."""

from __future__ import annotations

from pathlib import Path

from training.snapshot import Split


def splits_of(folder: Path, fingerprint: str, text_key: str) -> tuple[Split, ...]:
    """The splits of a snapshot in `folder` that hold the text; none where it is not in it, or its file is gone.

    The same text with two known categories is there twice.
    """
    import pyarrow.parquet as pq

    path = folder / f"{fingerprint}.parquet"
    if not path.exists():
        return ()
    rows = pq.read_table(path, columns=["split"], filters=[("text_key", "==", text_key)])
    return tuple(Split(name) for name in dict.fromkeys(rows["split"].to_pylist()))
