"""Inserting thousands of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which all name the same columns; no column's default is applied.

    The statement is compiled once and every column's type asked once: per row SQLAlchemy does as much work as the
    database itself.
    """
    if not rows:
        return
    connection = session.connection()
    dialect = connection.dialect
    names = list(rows[0])
    statement = insert(table).compile(dialect=dialect, column_keys=names)
    order = statement.positiontup or names
    bind = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    columns = [_for_driver([row[name] for row in rows], bind[name]) for name in order]
    values: list[Any] = list(zip(*columns, strict=True))
    if not statement.positional:
        values = [dict(zip(order, row, strict=True)) for row in values]
    connection.exec_driver_sql(str(statement), values)


def _for_driver(values: list[Any], convert: Callable[[Any], Any] | None) -> list[Any]:
    if convert is None:
        return values
    # A time or a switch is often the same in all rows, and takes longer to convert than to insert.
    if all(value is values[0] for value in values):
        return [convert(values[0])] * len(values)
    return [convert(value) for value in values]
