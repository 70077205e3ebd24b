"""How many independent rows a window is worth, when each row is like the one before it.

Used by column_tests.py. Tests for independent rows would find drift in every third calm window of
a sensor that is read each second.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

FARTHEST = 40  # rows apart that are looked at
CAUTION = 2.0  # the memory is a guess from one window, and too small a one alarms


def rows_worth(values: np.ndarray, most_variance: float | None = None) -> float:
    """For values in the order in which they came: n (1 - r) / (1 + r) where r is what one row has
    of the row before it, and the like for longer memories.

    It is read off the differences of rows that lie near each other, against the variance, or
    against `most_variance` if that is smaller: so a step in the middle of a window, which is
    drift, is not taken for memory.
    """
    variance = float(values.var())
    if most_variance is not None:
        variance = min(variance, most_variance)
    return _count(values, variance, lambda one, other: np.square(one - other) / 2)


def categories_worth(places: np.ndarray) -> float:
    """The same for categories, whose variance is the chance that two rows differ."""
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
