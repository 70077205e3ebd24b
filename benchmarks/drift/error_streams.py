"""Simulated errors: how fast a rise is found, how often none is. Used by `__main__.py`."""

from dataclasses import dataclass
from statistics import median

import numpy as np

from pipeline.quality.calibration import cautious
from reporting.drift.error_drift import ErrorRateMonitor, LabelledRow

REFERENCE_ROWS = 2_000  # out of sample, from which the expected rate is estimated
QUIET, RISEN = 500, 5_500  # rows before the rise, and after it
RUNS, CALM_RUNS, CALM_ROWS = 200, 100, 10_000

RISES = (
    (0.39, 0.05, 1_000),
    (0.39, 0.10, 350),
    (0.39, 0.15, 180),
    (0.05, 0.03, 900),
    (0.05, 0.15, 90),
)
CALM = (0.02, 0.05, 0.20, 0.39)


@dataclass(frozen=True)
class Delay:
    rows: float  # median from the rise to its detection
    missed: float  # share


def find_rise(usual: float, rise: float, rng: np.random.Generator) -> Delay:
    """A false alarm before the rise is no delay."""
    found = [_find(usual, rise, rng) for _ in range(RUNS)]
    known = [rows for rows in found if rows is not None and rows > 0]
    return Delay(median(known), found.count(None) / RUNS)


def _find(usual: float, rise: float, rng: np.random.Generator) -> int | None:
    rates = np.repeat([usual, usual + rise], [QUIET, RISEN])
    expected, monitor = _estimate(usual, rng), ErrorRateMonitor()
    for row, error in enumerate(rng.random(len(rates)) < rates):
        monitor.add(LabelledRow(row, bool(error), expected, ""))
        if monitor.found:
            return row - QUIET + 1
    return None


def count_false(usual: float, rng: np.random.Generator) -> float:
    """In 10,000 rows."""
    begun = 0
    for _ in range(CALM_RUNS):
        expected, monitor, before = _estimate(usual, rng), ErrorRateMonitor(), None
        for row, error in enumerate(rng.random(CALM_ROWS) < usual):
            monitor.add(LabelledRow(row, bool(error), expected, ""))
            begun += monitor.found is not None and before is None
            before = monitor.found
    return begun / CALM_RUNS


def _estimate(usual: float, rng: np.random.Generator) -> float:
    return cautious(float(rng.binomial(REFERENCE_ROWS, usual)) / REFERENCE_ROWS, REFERENCE_ROWS)
