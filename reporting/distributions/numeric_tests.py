"""One numeric column of the reference, and how far the values of a window lie from it.

The reference is sorted and standardised once; a window of n rows then costs n log m, not a sort of
both. Every distance is in standard deviations of the reference.
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.arrays import Numbers
from reporting.distributions.counts import fisher_test
from reporting.distributions.kolmogorov import kolmogorov_above

HUGE = 1e100  # a value, and
FAR = 1e6  # a distance in standard deviations beyond which sums would overflow
MOSTLY_ONE = 0.25  # of the rows hold other values, at most
ALIKE = 0.03  # standard deviations that two values may lie apart: a sensor's noise breaks ties


@dataclass(frozen=True)
class NumericColumn:
    mean: float
    scale: float
    values: Numbers  # standardised and sorted
    integral: Numbers  # of the quantile function, at 0, 1/m, 2/m ... 1
    rank_variance: float  # of the shares that lie below each value; 1/12 without ties
    commonest: float  # standardised: 0 times for a rare word, no rain
    others: int  # rows with another value

    def standardise(self, values: ArrayLike) -> Numbers:
        """The finite values, in standard deviations from the reference's mean."""
        with np.errstate(over="ignore"):
            distances = (finite(values) - self.mean) / self.scale
        return np.clip(distances, -FAR, FAR)


def numeric_column(values: ArrayLike) -> NumericColumn:
    kept = finite(values)
    mean, scale = float(kept.mean()), scale_of(kept)
    distances = np.sort((kept - mean) / scale)
    integral = np.concatenate([[0.0], np.cumsum(distances) / len(distances)])
    ranks = share_below(distances, distances)
    commonest, others = _find_commonest(distances)
    return NumericColumn(mean, scale, distances, integral, float(ranks.var()), commonest, others)


def _find_commonest(ordered: Numbers) -> tuple[float, int]:
    values, times = np.unique(ordered, return_counts=True)
    commonest = float(values[times.argmax()])
    return commonest, int(_differ(ordered, commonest).sum())


def _differ(values: Numbers, commonest: float) -> NDArray[np.bool_]:
    return np.abs(values - commonest) > ALIKE


def finite(values: ArrayLike) -> Numbers:
    numbers = np.asarray(values, dtype=np.float64)
    return np.clip(numbers[np.isfinite(numbers)], -HUGE, HUGE)


def scale_of(values: Numbers) -> float:
    """The standard deviation; Evidently's 0.001 for a constant, whose own is rounding at most."""
    deviation, largest = float(values.std()), float(np.abs(values).max())
    return deviation if deviation > 1e-12 * largest else max(0.001, 1e-9 * largest)


def share_below(reference: Numbers, window: Numbers, tolerance: float = ALIKE) -> Numbers:
    """Of each value the share of the reference below it; of what is alike a half counts."""
    left = np.searchsorted(reference, window - tolerance, "left")
    right = np.searchsorted(reference, window + tolerance, "right")
    return (left + right) / (2 * len(reference))


def location_test(reference: NumericColumn, window: Numbers, rows: float) -> float:
    """By ranks; where nearly all rows of the reference hold one value, by how many do not.

    The normal distribution foretells too little of what is rare: of 425 words of calm texts some
    moved, by it, in every fourth window.
    """
    size = len(reference.values)
    if reference.others > MOSTLY_ONE * size:
        return rank_test(reference, window, rows)
    found = round(float(_differ(window, reference.commonest).mean()) * rows)
    table = [[found, round(rows) - found], [reference.others, size - reference.others]]
    return fisher_test(np.array(table))


def rank_test(
    reference: NumericColumn, window: Numbers, rows: float, tolerance: float = ALIKE
) -> float:
    """The p-value of Mann and Whitney: do values of the window lie above those of the reference?

    `rows` is what the window's rows count for, if they depend on each other.
    """
    if reference.rank_variance == 0:
        return 1.0
    error = sqrt(reference.rank_variance * (1 / rows + 1 / len(reference.values)))
    ranks = share_below(reference.values, window, tolerance)
    return erfc(abs(float(ranks.mean()) - 0.5) / error / sqrt(2))


def ks_test(
    reference: NumericColumn, window: Numbers, rows: float, tolerance: float = ALIKE
) -> float:
    """The p-value of Kolmogorov and Smirnov, for a sorted window.

    The gap is widest at a value of the window, on one of its sides.
    """
    m, n = len(reference.values), len(window)
    above = np.searchsorted(window, window, "right") / n
    above = above - np.searchsorted(reference.values, window + tolerance, "right") / m
    below = np.searchsorted(reference.values, window - tolerance, "left") / m
    below = below - np.searchsorted(window, window, "left") / n
    gap = max(0.0, float(above.max()), float(below.max()))
    return kolmogorov_above(gap, max(1, round(m * rows / (m + rows))))


def wasserstein(reference: NumericColumn, window: Numbers) -> float:
    """The mean distance that a value was moved: the area between the two quantile functions.

    Row i of the sorted window is the quantile from i/n to (i+1)/n. The reference lies below its
    value up to the share `turn` and above it after, so that two differences of the integral give
    the area.
    """
    m, n = len(reference.values), len(window)
    share = np.linspace(0, 1, n + 1)
    start, end = share[:-1], share[1:]
    turn = np.clip(np.searchsorted(reference.values, window) / m, start, end)
    integral = np.interp([start, turn, end], np.linspace(0, 1, m + 1), reference.integral)
    below = window * (turn - start) - (integral[1] - integral[0])
    above = (integral[2] - integral[1]) - window * (end - turn)
    return max(0.0, float((below + above).sum()))
