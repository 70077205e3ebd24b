"""Do the columns of a window come from the reference's distribution?

The drift exporter calls `compare` on every pass. docs/monitoring.md says why the rule is this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reporting.drift.methods import CategoryColumn, compare_categories, compare_numbers
from reporting.drift.policy import ColumnResult, Rule
from reporting.drift.reference_columns import Reference
from reporting.insufficient import Insufficient, too_few

RESIDUAL = "pca_residual"  # what the PCA discards; watched as one more column

Cause = Literal["none", "residual", "share", "effect"]


@dataclass(frozen=True)
class DatasetDrift:
    """`share` leaves the residual out; `cause` is what made it an alarm."""

    rows: int
    columns: tuple[ColumnResult, ...]
    insufficient: Mapping[str, Insufficient]  # columns without a number
    share: float | None  # None when only the residual has a number
    drifted: bool
    cause: Cause


def compare(
    reference: Reference, window: Mapping[str, ArrayLike], rule: Rule | None = None
) -> DatasetDrift | Insufficient:
    rule = rule or Rule()
    rows = max((len(np.asarray(values)) for values in window.values()), default=0)
    few = too_few(rows, rule.minimum_rows, "rows in the window")
    if few:
        return few
    compared: list[ColumnResult] = []
    insufficient = dict(reference.insufficient)
    for name in reference.columns:
        result = compare_column(reference, name, window.get(name, ()), rule)
        if isinstance(result, Insufficient):
            insufficient[name] = result
        else:
            compared.append(result)
    if not compared:
        return Insufficient(rows, "no column has enough usable rows")
    return judge_columns(rows, tuple(compared), insufficient, rule)


def compare_column(
    reference: Reference, name: str, values: ArrayLike, rule: Rule
) -> ColumnResult | Insufficient:
    column, method = reference.columns[name], reference.methods[name]
    features = len(reference.columns.keys() - {RESIDUAL})
    alpha = rule.residual_alpha if name == RESIDUAL else rule.alpha / features
    if isinstance(column, CategoryColumn):
        return compare_categories(name, method, column, values, alpha, rule)
    return compare_numbers(name, method, column, values, alpha, rule)


def judge_columns(
    rows: int,
    columns: tuple[ColumnResult, ...],
    insufficient: Mapping[str, Insufficient],
    rule: Rule,
) -> DatasetDrift:
    features = [column for column in columns if column.name != RESIDUAL]
    share = sum(column.drifted for column in features) / len(features) if features else None
    cause = find_cause(columns, share, rule)
    return DatasetDrift(rows, columns, insufficient, share, cause != "none", cause)


def find_cause(columns: tuple[ColumnResult, ...], share: float | None, rule: Rule) -> Cause:
    """The residual alarms alone: what moved there is outside anything that the model was shown."""
    drifted = [column for column in columns if column.drifted]
    if any(column.name == RESIDUAL for column in drifted):
        return "residual"
    if share is not None and share >= rule.alarm_share:
        return "share"
    if any(column.large for column in drifted):
        return "effect"
    return "none"
