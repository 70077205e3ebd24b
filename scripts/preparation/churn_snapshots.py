"""The built-in dataset `churn`: monthly snapshots of an invented video service, used by prepare.

>>> month_ends(3)[1].isoformat()
'2024-02-29'
"""

import calendar
import csv
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.preparation.churn_customers import DRIFTS, draw_month

FIRST_YEAR = 2024
MOST_MONTHS, MOST_ROWS = 120, 1_000_000
EMPTY_SHARES = {"avg_bitrate_mbps": 0.03, "days_since_last_watch": 0.02}


def as_cells(rng: np.random.Generator, name: str, values: NDArray[Any]) -> list[Any]:
    """Turn a column into what the CSV shows: true and false in small letters, some cells empty."""
    cells = np.where(values, "true", "false").tolist() if values.dtype == bool else values.tolist()
    empty = rng.random(len(cells)) < EMPTY_SHARES.get(name, 0.0)
    return ["" if gone else cell for cell, gone in zip(cells, empty, strict=True)]


def write_table(path: Path, columns: dict[str, list[Any]]) -> None:
    """Write a CSV aside and rename it, so that a reader never meets half a file."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def month_ends(months: int) -> list[date]:
    """Give the last day of each of the first months."""
    pairs = [(FIRST_YEAR + i // 12, i % 12 + 1) for i in range(months)]
    return [date(year, month, calendar.monthrange(year, month)[1]) for year, month in pairs]


def check_sizes(months: int, rows: int, seed: int) -> None:
    """Raise ValueError with a sentence for a size that makes no sense."""
    if not 1 <= months <= MOST_MONTHS:
        raise ValueError(f"months is {months}; it must be from 1 to {MOST_MONTHS}.")
    if not 1 <= rows <= MOST_ROWS:
        raise ValueError(f"rows is {rows}; it must be from 1 to {MOST_ROWS}.")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must be 0 or more.")


def kinds_by_month(months: int, drift: str, drift_from: str | None) -> list[str]:
    """Say for each month which drift it has: `none`, then the drift from its first month on."""
    names = [f"{end:%Y-%m}" for end in month_ends(months)]
    if drift not in DRIFTS:
        raise ValueError(f"drift is {drift!r}; choose one of {', '.join(DRIFTS)}.")
    if drift == "none" and drift_from is not None:
        raise ValueError(f"drift_from is {drift_from!r}, but drift is 'none'; choose a drift.")
    if drift != "none" and drift_from is None and months == 1:
        raise ValueError("One month has no second half to drift; ask for more or give drift_from.")
    if drift_from is not None and drift_from not in names:
        known = f"{names[0]} to {names[-1]}"
        raise ValueError(f"drift_from is {drift_from!r}; it must be a month from {known}.")
    start = names.index(drift_from) if drift_from else (months + 1) // 2
    return ["none"] * start + [drift] * (months - start)


def write_snapshots(
    folder: Path,
    *,
    months: int = 6,
    rows: int = 5000,
    drift: str = "none",
    drift_from: str | None = None,
    seed: int = 0,
) -> list[Path]:
    """Write one CSV per month end, from January 2024 on, and return the paths in order.

    A file of the same name is replaced; others are left alone. A caller who wants to keep what is
    there looks first. A month's bytes depend on seed, rows and its own drift, on nothing else.
    Raises ValueError, before anything is written, when an argument is wrong.
    """
    check_sizes(months, rows, seed)
    kinds = kinds_by_month(months, drift, drift_from)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for end, kind in zip(month_ends(months), kinds, strict=True):
        rng = np.random.default_rng([seed, end.year, end.month])
        table = draw_month(rng, rows, kind)
        paths.append(folder / f"{end.isoformat()}.csv")
        write_table(paths[-1], {name: as_cells(rng, name, x) for name, x in table.items()})
    return paths
