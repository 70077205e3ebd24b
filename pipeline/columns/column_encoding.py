"""The cells of a table as rows of numbers, under the features of a schema."""

from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Numbers
from pipeline.cells.number_text import POINT, read_numbers
from pipeline.cells.words import is_missing
from pipeline.data.observation import PLAIN, InvalidObservation, encode, encode_text, parse_cell
from pipeline.data.schema import Feature, text_column
from pipeline.tables.table import InvalidDataset, Table


def encode_rows(table: Table, features: Sequence[Feature]) -> Numbers:
    """The rows of numbers of a table under a schema's features."""
    rows = np.empty((len(table), len(features)))
    for place, feature in enumerate(features):
        if feature.text:
            continue
        cells = table.column(feature.name)
        numbers = _read_number_cells(feature, cells)
        rows[:, place] = _encode_cells(table, feature, cells) if numbers is None else numbers
    for name, places in _text_columns(features).items():
        column = text_column(name, [features[place] for place in places])
        for row, cell in enumerate(table.column(name)):
            rows[row, places] = encode_text(column, cell)
    return rows


def _text_columns(features: Sequence[Feature]) -> dict[str, list[int]]:
    """The places of the words of each column of free text."""
    found: dict[str, list[int]] = {}
    for place, feature in enumerate(features):
        if feature.text:
            found.setdefault(feature.text, []).append(place)
    return found


def _read_number_cells(feature: Feature, cells: list[str]) -> Numbers | None:
    """What _encode_cells gives, ten times faster, for a column of plain numbers; else None."""
    reading = feature.reading or PLAIN
    if feature.type not in ("number", "integer") or reading.decimal != POINT or reading.missing:
        return None
    gaps = np.fromiter(map(is_missing, cells), dtype=np.bool_, count=len(cells))
    filled = ["0" if gap else cell for gap, cell in zip(gaps.tolist(), cells, strict=True)]
    numbers = read_numbers(filled)
    return None if numbers is None else np.where(gaps, np.nan, numbers)


def _encode_cells(table: Table, feature: Feature, cells: list[str]) -> Numbers:
    seen: dict[str, float] = {}
    for line, cell in zip(table.lines.tolist(), cells, strict=True):
        if cell not in seen:
            seen[cell] = _encode_cell(table, line, feature, cell)
    return np.fromiter(map(seen.__getitem__, cells), dtype=np.float64, count=len(cells))


def _encode_cell(table: Table, line: int, feature: Feature, cell: str) -> float:
    try:
        return encode(feature, parse_cell(feature, cell))
    except InvalidObservation as error:
        raise InvalidDataset(f"{table.place(line, error.field)}: {error.reason}.") from None
