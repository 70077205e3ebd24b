"""How far a column of a window lies from the reference's, by each of the methods.

Used by drift.py. The threshold of each method is what chance does not reach, however few the
rows, and for PSI and Wasserstein never less than what matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2, norm

from pipeline.arrays import Numbers
from reporting.drift.categorical_tests import Counts, count_labels, count_table, proportion_test
from reporting.drift.numeric_tests import (
    NumericColumn,
    ks_p_value,
    psi,
    stability_index,
    wasserstein,
    z_score,
)
from reporting.drift.policy import ColumnResult, Rule, Score, judge
from reporting.insufficient import Insufficient, too_few

NUMERIC_METHODS = ("ks", "psi", "z", "wasserstein")
CATEGORY_METHODS = ("chi2", "psi")


@dataclass(frozen=True)
class CategoryColumn:
    """How often the reference has each category."""

    counts: Mapping[str, int]


def compare_numbers(
    name: str, method: str, reference: NumericColumn, values: ArrayLike, alpha: float, rule: Rule
) -> ColumnResult | Insufficient:
    window = reference.standardise(values)
    few = too_few(len(window), rule.minimum_rows, "numbers in the window")
    if few:
        return few
    score = score_numbers(method, reference, window, alpha, rule)
    return judge(name, score, wasserstein(reference, window), len(reference.values), rule)


def compare_categories(
    name: str, method: str, reference: CategoryColumn, values: ArrayLike, alpha: float, rule: Rule
) -> ColumnResult | Insufficient:
    window = count_labels(np.asarray(values, dtype=object))
    rows = sum(window.values())
    few = too_few(rows, rule.minimum_rows, "categories in the window")
    if few:
        return few
    score = score_categories(method, reference.counts, window, alpha, rule)
    if score is None:
        return Insufficient(rows, "every category is too rare to compare its share")
    effect = share_distance(reference.counts, window)
    return judge(name, score, effect, sum(reference.counts.values()), rule)


def score_numbers(
    method: str, reference: NumericColumn, window: Numbers, alpha: float, rule: Rule
) -> Score:
    if method == "ks":
        return Score("ks", ks_p_value(reference, window), alpha, "below")
    error = sqrt(1 / len(window) + 1 / len(reference.values))
    sure = float(norm.isf(alpha / 2))  # standard errors that chance does not reach
    if method == "z":
        return Score("z", z_score(reference, window), sure, "above")
    if method == "wasserstein":
        distance = wasserstein(reference, window)
        return Score("wasserstein", distance, max(rule.minimum_effect, sure * error), "above")
    if method == "psi":
        chance = float(chi2.isf(alpha, len(reference.shares) - 1)) * error**2
        return Score("psi", psi(reference, window), max(rule.psi, chance), "above")
    raise ValueError(f"{method!r} is no method for numbers, take one of {NUMERIC_METHODS}")


def score_categories(
    method: str, reference: Counts, window: Counts, alpha: float, rule: Rule
) -> Score | None:
    if method == "psi":
        table = count_table(reference, window)
        rows = table.sum(axis=1)
        chance = float(chi2.isf(alpha, max(table.shape[1] - 1, 1))) * (1 / rows).sum()
        index = stability_index(*(table / rows[:, None]))
        return Score("psi", index, max(rule.psi, chance), "above")
    if method == "chi2":
        tested = proportion_test(reference, window)
        return Score(tested[0], tested[1], alpha, "below") if tested else None
    raise ValueError(f"{method!r} is no method for categories, take one of {CATEGORY_METHODS}")


def share_distance(reference: Counts, window: Counts) -> float:
    """How far two lists of shares lie apart; of two even labels, the shift in deviations."""
    table = count_table(reference, window)
    p, q = table / table.sum(axis=1)[:, None]
    return float(np.sqrt(((p - q) ** 2 / ((p + q) / 2)).sum()))
