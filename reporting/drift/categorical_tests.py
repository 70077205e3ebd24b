"""Tests whether labels or categories have other shares than in the reference.

Used for target drift, prediction drift and the categorical columns of `column_tests.py`: a
two-proportion z-test for two labels, chi-square for more, Fisher's exact test for two labels of
which one is rare.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Indices
from reporting.distributions.counts import chi_square_test, expected_counts, fisher_test
from reporting.insufficient import Insufficient, too_few

EXPECTED = 5.0  # with fewer expected rows of a label, two labels are tested exactly
RARE = 1.0  # labels with fewer expected rows are pooled for chi-square

Counts = Mapping[str, int]
Table = Indices


@dataclass(frozen=True)
class LabelDrift:
    """`score` is a p-value: below `threshold` the shares differ by more than chance."""

    method: str
    score: float
    threshold: float
    direction: str
    drifted: bool
    rows: int
    label: str  # whose share changed most, and by how much
    change: float
    unseen: tuple[str, ...]  # labels that the reference does not have


def count_labels(labels: Iterable[object]) -> dict[str, int]:
    """Rows per label; None and NaN are no label."""
    return dict(Counter(str(label) for label in labels if label is not None and label == label))


def detect_label_drift(
    reference: Counts, window: Counts, alpha: float = 0.01, minimum_rows: int = 200
) -> LabelDrift | Insufficient:
    rows = sum(window.values())
    few = too_few(sum(reference.values()), minimum_rows, "labelled rows in the reference")
    few = few or too_few(rows, minimum_rows, "labelled rows in the window")
    if few:
        return few
    tested = proportion_test(reference, window)
    if tested is None:
        return Insufficient(rows, "every label is too rare to compare its share")
    method, p = tested
    label, change = largest_change(reference, window)
    unseen = tuple(sorted(name for name in window if not reference.get(name)))
    return LabelDrift(method, p, alpha, "below", p < alpha, rows, label, change, unseen)


def proportion_test(reference: Counts, window: Counts) -> tuple[str, float] | None:
    """The method and its p-value; None when all labels are too rare to tell apart."""
    table = count_table(reference, window)
    if table.shape[1] == 1:
        return "z", 1.0  # both have the same single label
    if table.shape[1] > 2:
        table = pool_rare(table)
    if table.shape[1] == 1:
        return None
    if table.shape[1] > 2:
        return "chi2", chi_square_test(table)
    if expected_counts(table).min() < EXPECTED:
        return "fisher", fisher_test(table)
    return "z", chi_square_test(table)  # z squared is chi-square here


def count_table(reference: Counts, window: Counts) -> Table:
    """Reference above window, a column per label that either has."""
    labels = sorted(
        name for name in {*reference, *window} if reference.get(name) or window.get(name)
    )
    return np.array([[counts.get(name, 0) for name in labels] for counts in (reference, window)])


def pool_rare(table: Table) -> Table:
    """Pool rare labels; while the pool itself is rare and two others are left, add the next one."""
    table = table[:, np.argsort(table.sum(axis=0), kind="stable")]
    rare = max(int((expected_counts(table).min(axis=0) < RARE).sum()), 1)
    pooled = merge_first(table, rare)
    while pooled.shape[1] > 2 and expected_counts(pooled)[:, 0].min() < RARE:
        pooled = merge_first(pooled, 2)
    return pooled


def merge_first(table: Table, number: int) -> Table:
    return np.column_stack([table[:, :number].sum(axis=1), table[:, number:]])


def largest_change(reference: Counts, window: Counts) -> tuple[str, float]:
    n, m = sum(window.values()), sum(reference.values())
    changes = {
        label: window.get(label, 0) / n - reference.get(label, 0) / m
        for label in sorted({*reference, *window})
    }
    label = max(changes, key=lambda name: abs(changes[name]))
    return label, changes[label]
