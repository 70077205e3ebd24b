"""What a model is shown of a date: days, year, and month, weekday and hour on a circle."""

from typing import Any

import numpy as np

from pipeline.arrays import Numbers

MONTHS, WEEKDAYS = 12, 7
THURSDAY = 3  # the first of January 1970
PARTS = (
    "days",
    "year",
    "month_sin",
    "month_cos",
    "weekday_sin",
    "weekday_cos",
    "hour_sin",
    "hour_cos",
)


def date_parts(days: Numbers) -> Numbers:
    """A column a part, of days since 1970 in one column or none."""
    column = np.asarray(days, dtype=np.float64).ravel()
    midnight = np.floor(column)
    moments: Any = midnight.astype("datetime64[D]")
    years = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    months = moments.astype("datetime64[M]").astype(np.int64) % MONTHS
    parts = [column, years, *_circle(months / MONTHS)]
    parts += _circle((midnight + THURSDAY) % WEEKDAYS / WEEKDAYS)
    parts += _circle(column - midnight)
    return np.column_stack(parts).astype(np.float64)


def _circle(turns: Numbers) -> list[Numbers]:
    angles = 2 * np.pi * turns
    return [np.sin(angles), np.cos(angles)]


def all_date_parts(rows: Numbers) -> Numbers:
    """Of several columns of days, one after the other."""
    return np.hstack([date_parts(column) for column in np.asarray(rows, dtype=np.float64).T])
