"""Estimates how many independent rows a window is worth, if rows resemble those before them.

Used by column_tests.py. Without this, tests would find drift in every third calm window of a
sensor that is read each second, for they assume independent rows.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

FARTHEST = 40  # the largest lag, in rows
CAUTION = 2.0  # factor on the autocorrelation, because an estimate that is too small raises alarms


def rows_worth(values: np.ndarray, most_variance: float | None = None) -> float:
    """The effective sample size of values in order.

    For autocorrelation r of neighbours it is n (1 - r) / (1 + r); longer lags count likewise. The
    autocorrelation is estimated from differences of rows near each other, relative to the variance,
    or to `most_variance` if that is smaller. So a step in the middle of a window, which is drift,
    is not taken for autocorrelation.
    """
    variance = float(values.var())
    if most_variance is not None:
        variance = min(variance, most_variance)
    return _count(values, variance, lambda one, other: np.square(one - other) / 2)


def categories_worth(places: np.ndarray) -> float:
    """The same for categories; their variance is the chance that two rows differ."""
    shares = np.bincount(places) / len(places)
    return _count(places, 1 - float(np.square(shares).sum()), np.not_equal)


def _count(
    values: np.ndarray, variance: float, unlike: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> float:
    rows = len(values)
    if rows < 3 or variance <= 0:
        return float(rows)
    chance = 1 / sqrt(rows)
    memory = 1.0
    for apart in range(1, min(FARTHEST, rows // 4) + 1):
        alike = 1 - float(unlike(values[apart:], values[:-apart]).mean()) / variance
        if alike < chance:
            break
        memory += CAUTION * 2 * alike
    return max(rows / memory, 2.0)
