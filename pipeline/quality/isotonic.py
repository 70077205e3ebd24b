"""A curve that only rises, fitted to shares by pooling neighbours that fall."""

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Numbers


@dataclass(frozen=True)
class IsotonicCurve:
    """Straight lines between the places, level before the first and after the last."""

    places: Numbers
    heights: Numbers

    def at(self, values: Numbers) -> Numbers:
        found: Numbers = np.interp(values, self.places, self.heights)
        return found


def fit_isotonic(values: Numbers, heights: Numbers) -> IsotonicCurve:
    """The rising curve with the least squares."""
    places, of_row, rows = np.unique(values, return_inverse=True, return_counts=True)
    means = np.bincount(of_row, weights=heights) / rows
    pools: list[tuple[float, int, int]] = []  # mean, rows, places
    for mean, weight in zip(means.tolist(), rows.tolist(), strict=True):
        pool = (mean, weight, 1)
        while pools and pools[-1][0] >= pool[0]:
            pool = _together(pools.pop(), pool)
        pools.append(pool)
    fitted = np.repeat([mean for mean, _, _ in pools], [size for _, _, size in pools])
    return IsotonicCurve(places, fitted)


def _together(
    first: tuple[float, int, int], second: tuple[float, int, int]
) -> tuple[float, int, int]:
    weight = first[1] + second[1]
    mean = (first[0] * first[1] + second[0] * second[1]) / weight
    return mean, weight, first[2] + second[2]
