"""Two dated files as columns to compare: numbers, categories, and labels if they are dated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.arrays import Numbers
from pipeline.cells.date_text import possible_orders
from pipeline.cells.number_text import COMMA, parse_number, possible_marks, read_numbers
from pipeline.cells.words import MISSING
from pipeline.data.schema import Feature
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.table import Table
from reporting.evidently_reports.sections import OmittedSection

CATEGORIES = 1_000  # different texts; a column with more names its rows


@dataclass(frozen=True)
class BatchPair:
    """The features that both files have, and the labels that are known."""

    reference_path: Path
    current_path: Path
    reference: pd.DataFrame
    current: pd.DataFrame
    target: str
    reference_labels: list[str]
    current_labels: list[str]
    undated: str  # why the labels cannot be compared; empty when they can
    left_out: list[OmittedSection]

    def encode(self) -> tuple[list[Feature], Numbers, Numbers]:
        """The features, and the rows of both files as numbers: what the reference lacks is new."""
        features: list[Feature] = []
        before: list[Numbers] = []
        now: list[Numbers] = []
        for name in self.reference:
            columns = (self.reference[name], self.current[name])
            if pd.api.types.is_numeric_dtype(columns[0]):
                low, high = columns[0].min(), columns[0].max()
                feature = Feature(str(name), "number", float(low), float(high))
            else:
                known = tuple(sorted(columns[0].dropna().unique()))
                feature = Feature(str(name), "category", categories=known)
            features.append(feature)
            for side, column in zip((before, now), columns, strict=True):
                side.append(_numbers(feature, column))
        shape = (len(features), -1)
        return features, np.reshape(before, shape).T, np.reshape(now, shape).T


def _numbers(feature: Feature, column: pd.Series) -> Numbers:
    if feature.type == "number":
        values: Numbers = column.to_numpy(np.float64)
        return values
    known = {text: place for place, text in enumerate(feature.categories)}
    missing = len(known)
    places = [missing if pd.isna(text) else known.get(text, missing + 1) for text in column]
    return np.array(places, dtype=np.float64)


def read_batches(
    reference: Path, current: Path, targets: Sequence[str], ignored: Sequence[str]
) -> BatchPair:
    """Read both files; a column is what the reference says it is, the first known target it."""
    tables = (read_csv_table(reference), read_csv_table(current))
    named = [name for name in targets if any(name in table.header for table in tables)]
    target = (named or list(targets))[0]
    before, now = (_labels(table, target) for table in tables)
    features: dict[str, tuple[pd.Series, pd.Series]] = {}
    left_out = list(_lacking(tables, target, ignored))
    for name in _shared(tables, target, ignored):
        columns = _read_column(tables, name)
        if isinstance(columns, OmittedSection):
            left_out.append(columns)
        else:
            features[name] = columns
    before_frame, now_frame = (
        pd.DataFrame({name: pair[side] for name, pair in features.items()}) for side in (0, 1)
    )
    undated = _why_undated(tables, target, before, now)
    labels = (before, now, undated)
    return BatchPair(reference, current, before_frame, now_frame, target, *labels, left_out)


def _labels(table: Table, target: str) -> list[str]:
    if target not in table.header:
        return []
    return [cell for cell in table.column(target) if not _is_missing(cell)]


def _why_undated(
    tables: tuple[Table, Table], target: str, before: Sequence[str], now: Sequence[str]
) -> str:
    for table, labels in zip(tables, (before, now), strict=True):
        if target not in table.header:
            return f"{_file(table)} has no column '{target}'"
        if not labels:
            return f"the labels of {_file(table)} are not known yet"
    if before == now and not _same_rows(tables, target):
        return "the labels of both files are identical, line by line, though the inputs differ"
    return ""


def _same_rows(tables: tuple[Table, Table], target: str) -> bool:
    first, second = tables
    names = [name for name in first.header if name != target and name in second.header]
    return all(first.column(name) == second.column(name) for name in names)


def _shared(tables: tuple[Table, Table], target: str, ignored: Sequence[str]) -> list[str]:
    first, second = tables
    kept = [name for name in first.header if name != target and name not in ignored]
    return [name for name in kept if name in second.header]


def _lacking(
    tables: tuple[Table, Table], target: str, ignored: Sequence[str]
) -> Iterator[OmittedSection]:
    for table, other in (tables, tables[::-1]):
        for name in table.header:
            if name not in (*other.header, target, *ignored):
                yield OmittedSection(f"Column {name}", f"{_file(other)} does not have it")


def _read_column(
    tables: tuple[Table, Table], name: str
) -> tuple[pd.Series, pd.Series] | OmittedSection:
    before, now = (table.column(name) for table in tables)
    known = [cell for cell in before if not _is_missing(cell)]
    if not known:
        return OmittedSection(f"Column {name}", f"it is empty in {_file(tables[0])}")
    if possible_orders(set(known)):
        return OmittedSection(f"Column {name}", "its dates move with the time")
    if read_numbers(known) is not None:
        return _as_numbers(before), _as_numbers(now)
    if marks := possible_marks(set(known)):
        mark = COMMA if COMMA in marks and tables[0].delimiter == ";" else min(marks)
        plain = [[_plain_number(cell, mark) for cell in cells] for cells in (before, now)]
        return _as_numbers(plain[0]), _as_numbers(plain[1])
    if len(set(known)) > CATEGORIES:
        return OmittedSection(f"Column {name}", f"it has {len(set(known))} different texts")
    return _as_categories(before), _as_categories(now)


def _as_numbers(cells: Sequence[str]) -> pd.Series:
    """Text among numbers counts as missing."""
    return pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").astype(np.float64)


def _plain_number(cell: str, mark: str) -> str:
    """1 234,50 as 1234.5, in the way of the reference."""
    number = parse_number(cell, mark)
    return "" if number is None else repr(number)


def _as_categories(cells: Sequence[str]) -> pd.Series:
    known: list[Any] = [None if _is_missing(cell) else cell for cell in cells]
    return pd.Series(known, dtype=object)


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _file(table: Table) -> str:
    return Path(table.name).name
