"""What is wrong with the observations of a window: counts, never a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.faults import FAR, count_duplicates, find_faults
from pipeline.data.observation import encode
from pipeline.data.schema import Feature

CHECKS = ("missing", "out_of_range", "new_category")


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
    measured: dict[str, list[FeatureQuality]] = {}  # a text is one, whatever is counted in it
    damaged = {check: np.zeros(len(values), dtype=np.bool_) for check in CHECKS}
    for feature, column in zip(features, values.T, strict=True):
        missing, outside, new = find_faults(feature, column, 0.0)
        constant = is_constant(feature, column)
        counts = (int(missing.sum()), int(outside.sum()), int(new.sum()))
        name = feature.text or feature.name
        measured.setdefault(name, []).append(FeatureQuality(name, *counts, constant))
        damaged["missing"] |= missing
        damaged["out_of_range"] |= find_faults(feature, column, FAR)[1]
        damaged["new_category"] |= new
    rows = {check: int(faults.sum()) for check, faults in damaged.items()}
    columns = tuple(map(_join, measured.values()))
    return Quality(len(values), count_duplicates(values), columns, rows)


def _join(parts: Sequence[FeatureQuality]) -> FeatureQuality:
    """All of a text are missing together."""
    worst = max(parts, key=lambda part: part.faults)
    return replace(worst, constant=all(part.constant for part in parts))


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
