"""The rows of the table of benchmarks/drift/__main__.py that count windows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2_contingency, ks_2samp

from benchmarks.drift import faults
from benchmarks.drift.faults import Fault, Faults
from benchmarks.drift.real_tables import LEAST, REFERENCES, WINDOW, Split, Table, split
from pipeline.arrays import Numbers
from reporting.drift.dataset_drift import DatasetDrift, compare, say_found
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_family
from reporting.monitoring.alarm import Alarms

CALM, CHANGED = 1_000, 200  # windows


@dataclass(frozen=True)
class Case:
    what: str
    fault: Fault
    goal: float  # share of windows: at most for a calm case, at least for a fault
    quiet: bool = False
    pca: bool = False

    @property
    def windows(self) -> int:
        return CALM if self.quiet else CHANGED


CASES = [
    Case("calm", faults.calm, 0.01, quiet=True),
    Case("calm, with PCA columns and residual", faults.calm, 0.01, quiet=True, pca=True),
    Case("calm, autocorrelation 0.6", faults.repeated, 0.01, quiet=True),
    Case("0.3 sd in one feature", faults.shift(0.3, 1), 0.95),
    Case("0.2 sd in three", faults.shift(0.2, 3), 0.80),
    Case("5 % of an unseen category", faults.unseen, 0.95),
    Case("10 % missing", faults.missing, 0.95),
    Case("units times 100", faults.other_units, 0.99),
    Case("a frozen feature", faults.frozen, 0.99),
    Case("a shuffled feature", faults.shuffled, 0.99),
    Case("two features swapped", faults.swapped, 0.99),
]


@dataclass(frozen=True)
class Outcome:
    windows: int
    found: int
    named: int  # of those found, by a feature that was touched first and no other before it
    held: int  # windows at which an alarm holds
    naive: int  # found by what a student would write
    milliseconds: float

    @property
    def share(self) -> float:
        return self.found / self.windows


def measure(table: Table, case: Case, clock: Callable[[], float]) -> Outcome:
    splits = [split(table, seed, case.pca) for seed in range(REFERENCES)]
    touched = Faults(table.features, table.rows, 0)
    found = named = held = naive = 0
    spent = 0.0
    each = case.windows // REFERENCES
    for one in splits:
        alarms = Alarms()
        for number in range(each):
            chosen = touched.random.choice(len(one.rest), WINDOW, replace=False)
            rows = one.rest[chosen].copy()
            names = [table.features[place].name for place in case.fault(touched, rows)]
            start = clock()
            result = compare(one.families, one.view(rows), Rule())
            spent += clock() - start
            assert isinstance(result, DatasetDrift)
            found += result.drifted
            named += result.drifted and result.found[0].name in names
            drifted = {column.name: column.drifted for column in result.columns}
            alarms = alarms.after(number, number, drifted, 0.0)
            held += alarms.holds
            naive += find_naively(one, rows, table)
    windows = each * len(splits)
    return Outcome(windows, found, named, held, naive, spent / windows * 1000)


def find_naively(one: Split, rows: Numbers, table: Table) -> bool:
    """Any column with p < 0.05 in scipy's KS or chi-square test."""
    return any(
        _naive_p(feature.type == "category", before, now) < 0.05
        for feature, before, now in zip(table.features, one.known.T, rows.T, strict=True)
    )


def _naive_p(category: bool, before: Numbers, now: Numbers) -> float:
    before, now = before[np.isfinite(before)], now[np.isfinite(now)]
    if not len(now):
        return 0.0
    if not category:
        return float(ks_2samp(before, now, method="asymp").pvalue)
    places = np.unique(np.concatenate([before, now]))
    table = [[(side == place).sum() for place in places] for side in (before, now)]
    return float(chi2_contingency(table).pvalue) if len(places) > 1 else 1.0


def in_order(table: Table, first: int) -> Sequence[str]:
    """A real stream in its own order: how many windows drifted, and what moved first."""
    family = make_family("features", table.features, table.rows[:first], LEAST, linked=True)
    starts = range(first, len(table.rows) - WINDOW + 1, WINDOW)
    windows = [table.rows[start : start + WINDOW] for start in starts]
    results = [compare([family], {"features": rows}, Rule()) for rows in windows]
    drifted = [one for one in results if isinstance(one, DatasetDrift) and one.drifted]
    return [f"{len(drifted)} of {len(windows)}", say_found(drifted[0].found) if drifted else ""]
