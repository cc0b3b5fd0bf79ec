"""Excel workbooks, read sheet by sheet and row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from db.errors import UserError
from workbench.files.rows import Row

if TYPE_CHECKING:
    from openpyxl import Workbook


def read_excel(source: BinaryIO, path: Path, sheet: str | None) -> Iterator[Row | tuple[str, ...]]:
    """First the columns, then the rows. Raises UserError when `sheet` does not say which of several sheets it is."""
    with _parsing():
        import openpyxl

        book = openpyxl.load_workbook(source, read_only=True, data_only=True)
        names = _tables(book)
        if sheet is None and len(names) > 1:
            raise UserError(f"{path}: {len(names)} sheets ({', '.join(names)}); choose one with --sheet NAME")
        if not names or (sheet is not None and sheet not in names):
            raise UserError(f"{path}: no sheet {sheet!r}; the file has: {', '.join(names)}")
        rows = book[sheet or names[0]].iter_rows(values_only=True)
        columns = tuple("" if name is None else str(name).strip() for name in next(rows, ()))
        yield columns
        for number, values in enumerate(rows, 2):
            if any(value is not None for value in values):
                yield Row(number, dict(zip(columns, values, strict=False)))


def sheet_names(source: BinaryIO) -> tuple[str, ...]:
    """The sheets of a workbook; raises what reading it raises."""
    import openpyxl

    with _parsing():
        return tuple(_tables(openpyxl.load_workbook(source, read_only=True)))


def _tables(book: Workbook) -> list[str]:
    """Sheets of cells; a chart that has a sheet of its own is none."""
    return [str(sheet.title) for sheet in book.worksheets]


@contextmanager
def _parsing() -> Iterator[None]:
    """openpyxl expects parts to be there; what it trips over in a workbook without them is the file's fault."""
    try:
        yield
    except (AttributeError, TypeError, IndexError) as error:
        raise ValueError(f"parts of the workbook are missing or malformed ({error})") from error
