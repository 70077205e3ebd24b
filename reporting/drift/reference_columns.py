"""What the drift exporter compares every window with: the reference, prepared once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reporting.drift.categorical_tests import count_labels
from reporting.drift.methods import CATEGORY_METHODS, NUMERIC_METHODS, CategoryColumn
from reporting.drift.numeric_tests import NumericColumn, finite, numeric_column
from reporting.insufficient import Insufficient, too_few


@dataclass(frozen=True)
class Reference:
    columns: Mapping[str, NumericColumn | CategoryColumn]
    methods: Mapping[str, str]
    insufficient: Mapping[str, Insufficient]  # columns with too few rows to compare with


def make_reference(
    columns: Mapping[str, ArrayLike],
    methods: Mapping[str, str] | None = None,
    minimum_rows: int = 200,
) -> Reference:
    """Columns may differ in length: the residual's come from rows held out of the PCA's fit."""
    kept: dict[str, NumericColumn | CategoryColumn] = {}
    insufficient: dict[str, Insufficient] = {}
    for name, values in columns.items():
        column = make_column(values, minimum_rows)
        if isinstance(column, Insufficient):
            insufficient[name] = column
        else:
            kept[name] = column
    chosen = {name: choose_method(name, kept[name], methods or {}) for name in kept}
    return Reference(kept, chosen, insufficient)


def make_column(
    values: ArrayLike, minimum_rows: int
) -> NumericColumn | CategoryColumn | Insufficient:
    if np.asarray(values).dtype.kind in "iuf":
        rows = len(finite(values))
        few = too_few(rows, minimum_rows, "numbers in the reference")
        return few or numeric_column(values)
    counts = count_labels(np.asarray(values, dtype=object))
    few = too_few(sum(counts.values()), minimum_rows, "categories in the reference")
    return few or CategoryColumn(counts)


def choose_method(
    name: str, column: NumericColumn | CategoryColumn, methods: Mapping[str, str]
) -> str:
    known = CATEGORY_METHODS if isinstance(column, CategoryColumn) else NUMERIC_METHODS
    method = methods.get(name, known[0])
    if method not in known:
        raise ValueError(f"{name}: {method!r} is no drift method for it, take one of {known}")
    return method
