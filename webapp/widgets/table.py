"""Shows tables. Each row maps column names to values."""

import math
from collections.abc import Mapping, Sequence

from webapp.components.table import Cell, show_cells
from webapp.texts import current_language, say
from webapp.widgets.formats import count, local_time, number, percent

Value = Cell | float | None
Rows = Sequence[Mapping[str, Value]]


def show_table(title: str, rows: Rows) -> None:
    """The title is for screen readers."""
    names = _name_columns(rows)
    show_cells(title, names, _fill(rows, names), current_language())


def choose_row(title: str, rows: Rows, key: str) -> int | None:
    """A table in which one row can be chosen. Returns the index of that row."""
    names, words = _name_columns(rows), say("Select")
    return show_cells(title, names, _fill(rows, names), current_language(), key, words)


def share_cell(share: float | None) -> Cell:
    return percent(share), _finite(share), ""


def time_cell(moment: float) -> Cell:
    return local_time(moment), moment, ""


def link_cell(text: str, address: str) -> Cell:
    return text, None, address


def _name_columns(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _fill(rows: Rows, names: Sequence[str]) -> list[list[Cell]]:
    return [[_write(row.get(name)) for name in names] for row in rows]


def _write(value: Value) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str | tuple):
        return value
    text = count(value) if isinstance(value, int) else number(float(f"{value:.4g}"))
    return text, _finite(value), ""


def _finite(value: float | None) -> float | None:
    """NaN and infinity are no JSON."""
    return value if value is not None and math.isfinite(value) else None
