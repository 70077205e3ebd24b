"""A sheet of an Excel workbook as a table."""

import itertools
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.tables.csv_table import check_header, drop_nameless
from pipeline.tables.table import ROWS_A_BLOCK, InvalidDataset, Table, TableBuilder, cell_text


def read_excel_table(path: Path, name: str, sheet: str) -> Table:
    """The sheet of that name, or the first; its first row that is not empty is the header."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise InvalidDataset(
            f"{name}: reading Excel needs openpyxl, which is not installed here; save it as CSV."
        ) from None
    try:
        with path.open("rb") as file:
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
            names = workbook.sheetnames
            if sheet and sheet not in names:
                raise InvalidDataset(
                    f"{name}: dataset.sheet is '{sheet}'; its sheets are {', '.join(names)}."
                )
            chosen = sheet or names[0]
            title = f"{name}, sheet '{chosen}'"
            table = _read_sheet(title, workbook[chosen], _note(names, sheet))
            empty = {one for one in table.header if not any(map(str.strip, table.column(one)))}
            if empty:
                formulas = openpyxl.load_workbook(file, read_only=True)[chosen]
                _refuse_formulas(title, _rows(title, formulas), empty)
            return table
    except (KeyError, ValueError, OSError, EOFError) as error:
        raise InvalidDataset(f"{name}: is a damaged Excel file ({error}).") from None


def _refuse_formulas(
    name: str, rows: Iterator[tuple[int, list[str]]], columns: Collection[str]
) -> None:
    """In columns without a value: a program wrote them, and none that calculates has saved them."""
    _, header = next(rows, (0, []))
    places = [(place, one.strip()) for place, one in enumerate(header) if one.strip() in columns]
    for line, row in rows:
        for place, column in places:
            if row[place : place + 1] and row[place].startswith("="):
                raise InvalidDataset(
                    f"{name}, row {line}, column '{column}': holds a formula and not its value; "
                    f"open the file in Excel or LibreOffice and save it."
                )


def _note(names: list[str], sheet: str) -> tuple[str, ...]:
    if sheet or len(names) == 1:
        return ()
    others = ", ".join(names[1:6])
    return (f"Its first sheet is read; others are {others}. dataset.sheet names one.",)


def _read_sheet(name: str, sheet: Any, notes: tuple[str, ...]) -> Table:
    rows = _rows(name, sheet)
    first, cells = next(rows, (0, []))
    header = check_header(name, _drop_empty(cells))
    builder, lines = TableBuilder(len(header)), list[int]()
    while block := list(itertools.islice(rows, ROWS_A_BLOCK)):
        for line, row in block:
            if any(row[len(header) :]):
                title = "" if lines else f" Is row {first} a title? Then take it out."
                raise InvalidDataset(
                    f"{name}, row {line}: has a cell to the right of the header's last column; "
                    f"the header is row {first}.{title}"
                )
        width = len(header)
        builder.add([(row + [""] * width)[:width] for _, row in block])
        lines += [line for line, _ in block]
    if not lines:
        raise InvalidDataset(f"{name}: holds a header and no rows.")
    columns = builder.columns()
    return drop_nameless(Table(name, header, columns, np.array(lines), counted="row", notes=notes))


def _drop_empty(cells: list[str]) -> list[str]:
    """Without the empty cells at the end, which were formatted once."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _rows(name: str, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        try:
            cells = [cell_text(value) for value in row]
        except ValueError as error:
            raise InvalidDataset(f"{name}, row {number}: holds a {error}, not a value.") from None
        if any(cells):
            yield number, cells
