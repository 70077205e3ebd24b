"""Prepares the columns of the reference once; the exporter compares every window with them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature
from reporting.distributions.numeric_tests import NumericColumn, numeric_column
from reporting.drift.associations import Associations, learn_associations
from reporting.drift.policy import Family
from reporting.drift.twins import Twins, learn_twins
from reporting.insufficient import Insufficient, too_few


@dataclass(frozen=True)
class NumberReference:
    """A column of numbers, and how often they are missing."""

    feature: Feature
    rows: int
    missing: int
    column: NumericColumn
    tells_missing: bool = True  # of the words of a text only the first one, for all

    @property
    def tests(self) -> int:
        """The number of tests: distribution, outside, frozen, and missing."""
        return 3 + self.tells_missing


@dataclass(frozen=True)
class CategoryReference:
    """How often the reference has each category, in the order of the feature's list."""

    feature: Feature
    rows: int
    counts: tuple[int, ...]  # of the known categories, then of missing ones, then of rare ones

    tests = 4  # shares, missing, new category, frozen

    @property
    def known(self) -> int:
        return len(self.counts) - 2


ColumnReference = NumberReference | CategoryReference


@dataclass(frozen=True)
class FamilyReference:
    """Columns that are tested together, and share a part of the promised false alarms."""

    family: Family
    names: tuple[str, ...]
    columns: dict[str, ColumnReference]
    insufficient: dict[str, Insufficient]  # columns with too few values to compare with
    associations: Associations | None = None
    twins: tuple[Twins, ...] = ()

    @property
    def rows(self) -> int:
        return min((column.rows for column in self.columns.values()), default=0)

    @property
    def tests(self) -> int:
        links = 0 if self.associations is None else len(self.associations.links)
        return sum(column.tests for column in self.columns.values()) + links + len(self.twins)


def make_family(
    family: Family,
    features: Sequence[Feature],
    values: Numbers,
    minimum_rows: int,
    linked: bool = False,
) -> FamilyReference:
    """Prepare rows of numbers as `pipeline/data/observation.py` decodes them.

    `linked`: correlations between features are watched, too.
    """
    columns: dict[str, ColumnReference] = {}
    insufficient = {}
    texts = set[str]()
    for feature, numbers in zip(features, values.T, strict=True):
        made = make_column(feature, numbers, minimum_rows)
        if isinstance(made, Insufficient):
            insufficient[feature.name] = made
            continue
        if isinstance(made, NumberReference) and feature.text:
            made = replace(made, tells_missing=feature.text not in texts)
            texts.add(feature.text)
        columns[feature.name] = made
    links = learn_associations(features, values) if linked else None
    twins = () if links is None else learn_twins(links)
    names = tuple(feature.name for feature in features)
    return FamilyReference(family, names, columns, insufficient, links, twins)


def make_column(
    feature: Feature, values: Numbers, minimum_rows: int
) -> ColumnReference | Insufficient:
    if feature.type in ("category", "boolean"):
        few = too_few(len(values), minimum_rows, "rows in the reference")
        counted = Counter(places_of(feature, values).tolist())
        known = number_of_places(feature)
        return few or CategoryReference(
            feature, len(values), tuple(counted[place] for place in range(known + 2))
        )
    present = values[np.isfinite(values)]
    few = too_few(len(present), minimum_rows, "numbers in the reference")
    missing = len(values) - len(present)
    return few or NumberReference(feature, len(values), missing, numeric_column(present))


def number_of_places(feature: Feature) -> int:
    return 2 if feature.type == "boolean" else len(feature.categories)


def places_of(feature: Feature, values: Numbers) -> Numbers:
    """The category of each value; a boolean is false, true or missing."""
    if feature.type == "boolean":
        return np.where(np.isnan(values), 2, values != 0).astype(np.int64)
    return values.astype(np.int64)


def name_of_place(feature: Feature, place: int) -> str:
    names = ("false", "true") if feature.type == "boolean" else feature.categories
    return (*names, "(missing)", "(new)")[place]
