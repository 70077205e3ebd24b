"""What is wrong with the raw observations of a window: counts, never a verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

CHECKS = ("missing", "out_of_range", "new_category")
FAR = 0.5  # widths of the range beyond its ends; so far hardly an undamaged row lies by chance

Row = Mapping[str, Any]


class Feature(Protocol):
    """What is asked of a feature of the schema."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...  # number, integer, boolean or category
    @property
    def minimum(self) -> float | None: ...
    @property
    def maximum(self) -> float | None: ...
    @property
    def categories(self) -> Sequence[str] | None: ...
    @property
    def example(self) -> Any: ...


@dataclass(frozen=True)
class FeatureQuality:
    """Rows of the window with each fault."""

    name: str
    missing: int
    out_of_range: int  # or no number at all
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


def measure_quality(features: Iterable[Feature], rows: Sequence[Row]) -> Quality:
    columns = [(feature, [row.get(feature.name) for row in rows]) for feature in features]
    measured = tuple(measure_feature(feature, values) for feature, values in columns)
    faulty = [column for column, found in zip(columns, measured, strict=True) if found.faults]
    duplicates = count_duplicates([values for _, values in columns])
    return Quality(len(rows), duplicates, measured, count_damaged(faulty))


def measure_feature(feature: Feature, values: Sequence[Any]) -> FeatureQuality:
    present = [value for value in values if not is_missing(value)]
    outside = new = 0
    if feature.type in ("number", "integer"):
        outside = sum(is_outside(value, feature.minimum, feature.maximum) for value in present)
    elif feature.type == "category" and feature.categories is not None:
        known = set(feature.categories)
        new = sum(str(value) not in known for value in present)
    alike = len(present) > 1 and all(value == present[0] for value in present)
    constant = alike and varied(feature) and not is_usual(feature, present[0])
    return FeatureQuality(feature.name, len(values) - len(present), outside, new, constant)


def count_damaged(columns: Iterable[tuple[Feature, Sequence[Any]]]) -> dict[str, int]:
    """Faults that are spread over many features show in no feature's share, but in the rows'."""
    damaged: dict[str, set[int]] = {check: set() for check in CHECKS}
    for feature, values in columns:
        for row, value in enumerate(values):
            if check := find_damage(feature, value):
                damaged[check].add(row)
    return {check: len(rows) for check, rows in damaged.items()}


def find_damage(feature: Feature, value: Any) -> str | None:
    """The check that a value fails, if any."""
    if is_missing(value):
        return "missing"
    if feature.type in ("number", "integer"):
        return "out_of_range" if is_outside(value, *_widen(feature)) else None
    if feature.type == "category" and feature.categories is not None:
        return None if str(value) in feature.categories else "new_category"
    return None


def _widen(feature: Feature) -> tuple[float | None, float | None]:
    if feature.minimum is None or feature.maximum is None:
        return feature.minimum, feature.maximum
    far = FAR * (feature.maximum - feature.minimum)
    return feature.minimum - far, feature.maximum + far


def is_missing(value: Any) -> bool:
    return value is None or value == "" or value != value


def is_outside(value: Any, minimum: float | None, maximum: float | None) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return True
    low, high = (
        (minimum is not None and number < minimum),
        (maximum is not None and number > maximum),
    )
    return low or high or not isfinite(number)


def varied(feature: Feature) -> bool:
    """Whether the reference had more than one value; a pixel at the edge is always 0."""
    if feature.type in ("number", "integer"):
        return feature.minimum is None or feature.minimum != feature.maximum
    return feature.categories is None or len(feature.categories) > 1


def is_usual(feature: Feature, value: Any) -> bool:
    """A number as in the example. Many a window of pictures has a pixel that is dark throughout."""
    try:
        return feature.type in ("number", "integer") and float(value) == feature.example
    except (TypeError, ValueError, OverflowError):
        return False


def count_duplicates(columns: Iterable[Sequence[Any]]) -> int:
    rows = list(zip(*columns, strict=True))
    try:
        return len(rows) - len(set(rows))
    except TypeError:  # a list in a row; text costs more than all the rest of a pass
        return len(rows) - len(set(map(str, rows)))
