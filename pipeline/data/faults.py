"""Which values of a feature are missing, out of range, or of a category never seen."""

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature

FAR = 0.5  # widths of the range beyond its ends; so far hardly an undamaged row lies by chance


def find_faults(
    feature: Feature, column: Numbers, far: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows are missing, which lie outside by so many widths of the range, which are new."""
    none = np.zeros(len(column), dtype=np.bool_)
    if feature.type == "category":
        known = len(feature.categories)
        return column == known, none, column == known + 1
    missing = np.isnan(column)
    limits = range_of(feature, far)
    if limits is None:
        return missing, none, none
    return missing, (column < limits[0]) | (column > limits[1]), none


def range_of(feature: Feature, far: float) -> tuple[float, float] | None:
    """The range of a number, wider by so many of its widths at each end; None of anything else."""
    if feature.type in ("category", "boolean"):
        return None
    if feature.minimum is None or feature.maximum is None:
        return None
    margin = far * (feature.maximum - feature.minimum)
    return feature.minimum - margin, feature.maximum + margin


def count_duplicates(values: Numbers) -> int:
    """Rows that repeat an earlier one."""
    told_apart = np.where(np.isnan(values), np.inf, values)  # no two NaN are equal
    return len(values) - len(np.unique(told_apart, axis=0))
