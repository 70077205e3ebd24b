"""One numeric column of the reference, and how far the values of a window lie from it.

Used by drift.py. The reference is sorted and standardised once; a window of n rows then costs
n log m, not a sort of both. Every distance is in standard deviations of the reference.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import kstwo

from pipeline.arrays import Numbers

HUGE = 1e100  # a value, and
FAR = 1e6  # a distance in standard deviations beyond which sums would overflow
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
SMALLEST_SHARE = 1e-4  # of a bin in PSI, whose logarithm an empty bin would make infinite


@dataclass(frozen=True)
class NumericColumn:
    mean: float
    scale: float
    values: Numbers  # standardised and sorted
    integral: Numbers  # of the quantile function, at 0, 1/m, 2/m ... 1
    edges: Numbers  # of the PSI bins: deciles, the smallest value, an open bin on either side
    shares: Numbers  # of the reference in each bin

    def standardise(self, values: ArrayLike) -> Numbers:
        """The finite values, sorted, in standard deviations from the reference's mean."""
        with np.errstate(over="ignore"):
            distances = (finite(values) - self.mean) / self.scale
        return np.sort(np.clip(distances, -FAR, FAR))


def numeric_column(values: ArrayLike) -> NumericColumn:
    kept = finite(values)
    mean = float(kept.mean())
    distances = np.sort((kept - mean) / scale_of(kept))
    integral = np.concatenate([[0.0], np.cumsum(distances) / len(distances)])
    deciles = np.quantile(distances, np.linspace(0, 1, 11))
    edges = np.unique([np.nextafter(deciles[0], -np.inf), *deciles])
    shares = bin_shares(edges, distances)
    return NumericColumn(mean, scale_of(kept), distances, integral, edges, shares)


def finite(values: ArrayLike) -> Numbers:
    numbers = np.asarray(values, dtype=np.float64)
    return np.clip(numbers[np.isfinite(numbers)], -HUGE, HUGE)


def scale_of(values: Numbers) -> float:
    """The standard deviation; Evidently's 0.001 for a constant, whose own is rounding at most."""
    deviation, largest = float(values.std()), float(np.abs(values).max())
    return deviation if deviation > 1e-12 * largest else max(0.001, 1e-9 * largest)


def ks_p_value(reference: NumericColumn, window: Numbers) -> float:
    """Two-sample Kolmogorov-Smirnov. The gap is widest at a window's value, on one of its sides."""
    m, n = len(reference.values), len(window)
    gap = 0.0
    for side in SIDES:
        expected = np.searchsorted(reference.values, window, side) / m
        found = np.searchsorted(window, window, side) / n
        gap = max(gap, float(np.abs(expected - found).max()))
    return float(kstwo.sf(gap, round(m * n / (m + n))))


def wasserstein(reference: NumericColumn, window: Numbers) -> float:
    """The mean distance that a value was moved: the area between the two quantile functions.

    Row i of the window is the quantile from i/n to (i+1)/n. The reference lies below its value up
    to the share `turn` and above it after, so that two differences of the integral give the area.
    """
    m, n = len(reference.values), len(window)
    share = np.linspace(0, 1, n + 1)
    start, end = share[:-1], share[1:]
    turn = np.clip(np.searchsorted(reference.values, window) / m, start, end)
    integral = np.interp([start, turn, end], np.linspace(0, 1, m + 1), reference.integral)
    below = window * (turn - start) - (integral[1] - integral[0])
    above = (integral[2] - integral[1]) - window * (end - turn)
    return max(0.0, float((below + above).sum()))


def z_score(reference: NumericColumn, window: Numbers) -> float:
    """The difference of the means in its standard errors."""
    error = np.sqrt(window.var() / len(window) + 1 / len(reference.values))
    return abs(float((window.mean() - reference.values.mean()) / error))


def psi(reference: NumericColumn, window: Numbers) -> float:
    return stability_index(reference.shares, bin_shares(reference.edges, window))


def bin_shares(edges: Numbers, values: Numbers) -> Numbers:
    counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    return counts / len(values)


def stability_index(expected: Numbers, found: Numbers) -> float:
    p, q = np.maximum(expected, SMALLEST_SHARE), np.maximum(found, SMALLEST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())
