"""What is wrong with the observations of a window: counts, never a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import encode
from pipeline.data.schema import Feature

CHECKS = ("missing", "out_of_range", "new_category")
FAR = 0.5  # widths of the range beyond its ends; so far hardly an undamaged row lies by chance


@dataclass(frozen=True)
class FeatureQuality:
    """Rows of the window with each fault."""

    name: str
    missing: int
    out_of_range: int
    new_category: int
    constant: bool  # although the reference was not

    @property
    def faults(self) -> int:
        return self.missing + self.out_of_range + self.new_category


@dataclass(frozen=True)
class Quality:
    rows: int
    duplicates: int  # rows that repeat an earlier one of the window
    features: tuple[FeatureQuality, ...]
    damaged: Mapping[str, int]  # rows by check; out of range counts if it is far


def measure_quality(features: Sequence[Feature], values: Numbers) -> Quality:
    """Of rows of numbers as `pipeline/data/observation.py` decodes them.

    Faults that are spread over many features show in no feature's share, but in the rows'.
    """
    measured = []
    damaged = {check: np.zeros(len(values), dtype=np.bool_) for check in CHECKS}
    for feature, column in zip(features, values.T, strict=True):
        missing, outside, new = find_faults(feature, column, 0.0)
        constant = is_constant(feature, column)
        counts = (int(missing.sum()), int(outside.sum()), int(new.sum()))
        measured.append(FeatureQuality(feature.name, *counts, constant))
        damaged["missing"] |= missing
        damaged["out_of_range"] |= find_faults(feature, column, FAR)[1]
        damaged["new_category"] |= new
    told_apart = np.where(np.isnan(values), np.inf, values)  # no two NaN are equal
    duplicates = len(values) - len(np.unique(told_apart, axis=0))
    rows = {check: int(faults.sum()) for check, faults in damaged.items()}
    return Quality(len(values), duplicates, tuple(measured), rows)


def find_faults(
    feature: Feature, column: Numbers, far: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows are missing, which lie outside by so many widths of the range, which are new."""
    none = np.zeros(len(column), dtype=np.bool_)
    if feature.type == "category":
        known = len(feature.categories)
        return column == known, none, column == known + 1
    missing = np.isnan(column)
    if feature.type == "boolean" or feature.minimum is None or feature.maximum is None:
        return missing, none, none
    margin = far * (feature.maximum - feature.minimum)
    outside = (column < feature.minimum - margin) | (column > feature.maximum + margin)
    return missing, outside, none


def is_constant(feature: Feature, column: Numbers) -> bool:
    """One value throughout, where the reference had more than one; missing ones do not count.

    A number as in the example is none: many a window of pictures has a block that is dark.
    """
    present = column[~find_faults(feature, column, 0.0)[0]]
    if len(present) < 2 or not (present == present[0]).all():
        return False
    if feature.type == "category":
        return len(feature.categories) > 1
    if feature.type == "boolean":
        return True
    usual = feature.example is not None and present[0] == encode(feature, feature.example)
    return feature.minimum != feature.maximum and not usual
