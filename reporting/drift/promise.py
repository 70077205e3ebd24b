"""Computes the level of each test from the number of false alarms that are promised per year.

An alarm holds when the same feature is found in two successive windows that share no rows. The
level is chosen so that the expected number of such false alarms is as promised, over all tests and
all passes of a year, in the worst case, in which no two passes look at the same rows.

The two windows are not independent, because both are compared with the same reference, which varies
by chance itself. With n rows in the window and m in the reference they share n / (n + m) of the
variance.
"""

from functools import lru_cache
from math import exp, pi, sqrt

import numpy as np

from reporting.distributions.normal import normal_below, normal_quantile

YEAR = 365.25 * 86_400
PASS_LEVEL = 0.01  # largest chance that a pass finds anything without drift
STEPS = np.linspace(-8, 8, 321)
WEIGHTS = np.exp(-(STEPS**2) / 2) / sqrt(2 * pi) * (STEPS[1] - STEPS[0])


def twice_by_chance(level: float, common: float) -> float:
    """The chance that two windows both exceed a two-sided level on the same side.

    `common` is the share of the variance that they have in common.
    """
    limit = -normal_quantile(level / 2)
    beyond = normal_below((sqrt(common) * STEPS - limit) / sqrt(1 - common))
    return float(2 * (WEIGHTS * beyond**2).sum())


@lru_cache(maxsize=256)
def level_of_a_test(
    false_alarms_per_year: float, every_seconds: float, tests: int, common: float
) -> float:
    """The level of each of `tests` tests."""
    allowed = false_alarms_per_year * every_seconds / YEAR / max(tests, 1)
    low, high = -40.0, 0.0  # logarithms of the level
    for _ in range(60):
        middle = (low + high) / 2
        if twice_by_chance(exp(middle), common) > allowed:
            high = middle
        else:
            low = middle
    return min(exp(low), PASS_LEVEL / max(tests, 1))
