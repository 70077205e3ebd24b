"""Columns of dates, in one way of writing, and what stands among them that is none."""

import re
from collections.abc import Iterable
from itertools import islice

from pipeline.cells.date_text import (
    COMPACT,
    DAY_FIRST,
    MONTH_FIRST,
    ORDERS,
    YEAR_FIRST,
    date_reader,
    possible_orders,
    write_date,
)
from pipeline.cells.words import UNKNOWN_WORDS
from pipeline.columns.column_text import ColumnText, Habits
from pipeline.data.schema import Feature
from pipeline.tables.table import InvalidDataset

SAMPLE, LEAST_IN_SAMPLE = 200, 0.25  # of texts that are looked at first: most columns hold no date
LEAST_DATES = 0.5  # of the cells, above which the others are mistakes
FEW_VALUES = 20  # a column of so many may be of names, although most of them are dates
NO_DAY = re.compile(r"0+[-/.]0+[-/.]0+(?:[T\s][0:]+)?")  # 00/00/0000 of databases


def find_date(column: ColumnText, habits: Habits) -> Feature | None:
    """The feature, if all cells are dates in one way of writing."""
    orders = possible_orders(column.known)
    if column.own.order:
        orders = tuple(order for order in orders if order == column.own.order)
    if not orders:
        return None
    order = orders[0]
    if {DAY_FIRST, MONTH_FIRST} <= set(orders):
        order = habits.order or DAY_FIRST
        _warn_order(column, habits)
    first = next(iter(column.known))
    if order == COMPACT:
        column.notes.append(f'{first} is read as a date; type = "number" if it is none')
    elif order != YEAR_FIRST:
        column.notes.append(f"{first} is read as a date, {order}")
    return _make_date(column, order)


def find_date_among_text(column: ColumnText, habits: Habits) -> Feature | None:
    """Dates with ISO ones or words for unknown among them; other text is a mistake in the file."""
    wanted = column.own.order or habits.order or DAY_FIRST
    orders = [one for one in ORDERS if one != COMPACT]  # of equal ones the first wins
    orders.sort(key=lambda one: (one != YEAR_FIRST, one != wanted))
    sample = list(islice(column.known, SAMPLE))
    if max(len(_dates(sample, order)) for order in orders) < LEAST_IN_SAMPLE * len(sample):
        return None
    order = max(orders, key=lambda order: len(_dates(column.known, order)))
    dates = _dates(column.known, order)
    total = column.known.total()
    share = sum(column.known[text] for text in dates) / total
    if share <= LEAST_DATES:
        return None
    example = next(text for text in column.known if text in dates)
    strays = set(column.known) - dates
    unknown = {text for text in strays if text.lower() in UNKNOWN_WORDS or NO_DAY.fullmatch(text)}
    if strays - unknown:
        if len(column.known) <= min(FEW_VALUES, total / 5) and column.own.type == "auto":
            column.warn("it holds dates and text, and is read as categories")
            return None
        raise InvalidDataset(
            f"{column.first_place(strays - unknown)} is no date written as the others of the "
            f"column are ({example!r}). Mend or empty it; if it means unknown, name it in "
            f"dataset.missing; if the column holds names, put it in dataset.categorical."
        )
    if order == DAY_FIRST and dates == _dates(dates, MONTH_FIRST):
        _warn_order(column, habits)
    for word in unknown:
        column.take_for_unknown(word)
    column.notes.append(f"{example} is read as a date, {order}")
    return _make_date(column, order)


def _warn_order(column: ColumnText, habits: Habits) -> None:
    if habits.order is None:
        column.warn(
            f"its dates may be day or month first and are read day first; else set "
            f'order = "{MONTH_FIRST}"'
        )


def _dates(texts: Iterable[str], order: str) -> set[str]:
    read = date_reader(order)
    return {text for text in texts if read(text) is not None}


def _make_date(column: ColumnText, order: str) -> Feature:
    read = date_reader(order)
    days = sorted(day for text in column.known if (day := read(text)) is not None)
    return Feature(
        column.name,
        "date",
        days[0],
        days[-1],
        example=write_date(days[len(days) // 2], order),
        reading=column.reading(order=order),
    )
