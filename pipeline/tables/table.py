"""A table of text, and the error that names its file, its line and the reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np

from pipeline.arrays import Indices

COMMA = ","
NUL = "\0"
ROWS_A_BLOCK = 10_000
Column = np.ndarray[Any, np.dtype[Any]]  # of numpy.dtypes.StringDType


class InvalidDataset(Exception):
    """A dataset that cannot be used: which file, which line or column, and why."""


@dataclass(frozen=True)
class Table:
    """The cells of a table as text, column by column, and the line on which each row began.

    A million rows of twenty cells take 0.5 GB in this form, and 2 GB as lists of Python's text.
    """

    name: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: Indices
    delimiter: str = COMMA
    counted: str = "line"  # what `lines` counts: in a workbook they are rows
    notes: tuple[str, ...] = ()  # what was decided in reading, and a person should know

    def __len__(self) -> int:
        return len(self.lines)

    def keep(self, rows: np.ndarray) -> "Table":
        """The rows of a mask alone."""
        if rows.all():
            return self
        columns = tuple(column[rows] for column in self.columns)
        return replace(self, columns=columns, lines=self.lines[rows])

    def column(self, name: str) -> list[str]:
        cells: list[str] = self.columns[self.header.index(name)].tolist()
        return cells

    def place(self, line: int, column: str) -> str:
        return f"{self.name}, {self.counted} {line}, column '{column}'"

    def first_place(self, column: str, cells: set[str]) -> str:
        """Where the first of some cells of a column stands, and its text."""
        lines = zip(self.lines.tolist(), self.column(column), strict=True)
        line, cell = next((line, cell) for line, cell in lines if cell in cells)
        return f"{self.place(line, column)}: {cell!r}"


def refuse_nul(table: Table) -> Table:
    """The table, unless a NUL is in it, which no store and no page can hold."""
    for name, cells in zip(table.header, table.columns, strict=True):
        if NUL in name:
            raise InvalidDataset(f"{table.name}: the name of column {name!r} holds a NUL.")
        texts: list[str] = cells.tolist()
        if NUL in "".join(texts):
            row = next(row for row, text in enumerate(texts) if NUL in text)
            raise InvalidDataset(f"{table.place(int(table.lines[row]), name)}: holds a NUL.")
    return table


def as_column(cells: Sequence[str]) -> Column:
    return np.array(cells, dtype=np.dtypes.StringDType())


class TableBuilder:
    """Takes rows of text, a block at a time, and makes columns of them."""

    def __init__(self, width: int) -> None:
        self._blocks: list[list[Column]] = [[as_column(())] for _ in range(width)]

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        for parts, cells in zip(self._blocks, zip(*rows, strict=True), strict=True):
            parts.append(as_column(cells))

    def columns(self) -> tuple[Column, ...]:
        return tuple(np.concatenate(parts) for parts in self._blocks)


def cell_text(value: object) -> str:
    """A value that has a type already, as a CSV file would hold it; ValueError if none would."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        plain = value.isoformat()
        return plain.removesuffix("T00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    raise ValueError(type(value).__name__)
