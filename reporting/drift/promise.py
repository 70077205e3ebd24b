"""The level of each test, from how many false alarms a year are promised.

An alarm holds when the same feature is found in two windows in a row that share no row. A pass
that looks at other rows than the last is the worst that can be, so the promise is kept if the
expected number of false alarms that hold, over all passes of a year and all tests, is as promised.

The two windows are not independent: both are compared with the same reference, which is off by
chance itself. Of a window of n rows and a reference of m, n / (n + m) of the variance is common.
"""

from functools import lru_cache
from math import exp, pi, sqrt

import numpy as np

from reporting.distributions.normal import normal_below, normal_quantile

YEAR = 365.25 * 86_400
PASS_LEVEL = 0.01  # chance that a calm pass finds anything at all; shared by the families
STEPS = np.linspace(-8, 8, 321)
WEIGHTS = np.exp(-(STEPS**2) / 2) / sqrt(2 * pi) * (STEPS[1] - STEPS[0])


def twice_by_chance(level: float, common: float) -> float:
    """The chance that two windows are both beyond a two-sided level, on the same side."""
    limit = -normal_quantile(level / 2)
    beyond = normal_below((sqrt(common) * STEPS - limit) / sqrt(1 - common))
    return float(2 * (WEIGHTS * beyond**2).sum())


@lru_cache(maxsize=256)
def level_of_a_test(
    false_alarms_per_year: float, every_seconds: float, tests: int, common: float
) -> float:
    """The level of one of so many tests."""
    allowed = false_alarms_per_year * every_seconds / YEAR / max(tests, 1)
    low, high = -40.0, 0.0  # logarithms of the level
    for _ in range(60):
        middle = (low + high) / 2
        if twice_by_chance(exp(middle), common) > allowed:
            high = middle
        else:
            low = middle
    return min(exp(low), PASS_LEVEL / max(tests, 1))
