"""Parquet, whose columns have one type each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

from workbench.files.rows import Row, as_text

BATCH = 10_000


def read_parquet(source: BinaryIO) -> Iterator[Row | tuple[str, ...]]:
    """First the columns, then the rows."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(source)
    yield tuple(table.schema_arrow.names)
    number = 0
    for batch in table.iter_batches(batch_size=BATCH):
        for values in batch.to_pylist():
            number += 1
            yield Row(number, values)


@contextmanager
def parquet_writer(raw: BinaryIO, columns: Sequence[str]) -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """A function that takes rows; they are written when the block ends, for only then are the columns' types known.

    A column of nothing but None is text, and so is one whose values are of types that do not go together.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts: dict[str, list[Any]] = {name: [] for name in columns}

    def write(rows: Sequence[Mapping[str, Any]]) -> None:
        for name, chunks in parts.items():
            chunks.append(_array(pa, [row.get(name) for row in rows]))

    yield write
    pq.write_table(pa.table({name: _joined(pa, chunks) for name, chunks in parts.items()}), raw)


def _array(pa: Any, values: list[Any]) -> Any:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else as_text(value) for value in values], pa.string())


def _joined(pa: Any, chunks: list[Any]) -> Any:
    try:
        fields = [pa.schema([("", chunk.type)]) for chunk in chunks]
        common = pa.unify_schemas(fields, promote_options="permissive").field(0).type if fields else pa.null()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = [[None if value is None else as_text(value) for value in chunk.to_pylist()] for chunk in chunks]
        return pa.chunked_array([pa.array(part, pa.string()) for part in texts], pa.string())
    kind = pa.string() if pa.types.is_null(common) else common
    return pa.chunked_array([chunk.cast(kind) for chunk in chunks], kind)
