"""Simulated error streams: how fast a rise is found, how often none is. Used by `__main__.py`."""

from collections.abc import Callable
from statistics import median

import numpy as np
from river.drift import ADWIN

from reporting.drift.error_drift import ErrorRateMonitor

USUAL, RISEN = 0.05, 0.20
REFERENCE_ROWS = 2_000  # out-of-fold rows from which the usual error rate is estimated

Detector = Callable[[bool], bool]


def boucle(rng: np.random.Generator) -> Detector:
    monitor = ErrorRateMonitor(float(rng.binomial(REFERENCE_ROWS, USUAL)) / REFERENCE_ROWS)
    rows = iter(range(1_000_000))

    def add(error: bool) -> bool:
        monitor.add(next(rows), error)
        return monitor.found is not None

    return add


def adwin_alone(_rng: np.random.Generator) -> Detector:
    detector = ADWIN()  # type: ignore[no-untyped-call]

    def add(error: bool) -> bool:
        detector.update(error)  # type: ignore[no-untyped-call]
        return bool(detector.drift_detected)

    return add


def median_delay(
    make: Callable[[np.random.Generator], Detector], runs: int, rng: np.random.Generator
) -> float:
    """Rows from the change to its detection, after 1,000 quiet rows; a false alarm is no delay."""
    delays = [find_change(make(rng), rng) for _ in range(runs)]
    return median(delay for delay in delays if delay is not None)


def find_change(add: Detector, rng: np.random.Generator) -> int | None:
    if any(add(bool(error)) for error in rng.random(1_000) < USUAL):
        return None
    errors = rng.random(5_000) < RISEN
    return next((row + 1 for row, error in enumerate(errors) if add(bool(error))), len(errors))


def false_alarms(
    make: Callable[[np.random.Generator], Detector], runs: int, rng: np.random.Generator
) -> float:
    """Per 10,000 rows; after each the detector begins anew, as after a promotion."""
    found = 0
    for _ in range(runs):
        add = make(rng)
        for error in rng.random(10_000) < USUAL:
            if add(bool(error)):
                found += 1
                add = make(rng)
    return found / runs
