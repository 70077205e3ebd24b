"""Distributions of counts: binomial, chi-square, and the exact test of two by two."""

from math import erfc, exp, lgamma, log, log1p, sqrt

import numpy as np

from pipeline.arrays import Indices, Numbers

SAME = 1 + 1e-14  # tables that are as likely, but for rounding


def binomial_above(count: float, rows: int, share: float) -> float:
    """The chance of more than `count` among the rows."""
    least = int(count) + 1
    if least <= 0 or share >= 1:
        return 1.0 if least <= rows else 0.0
    if least > rows or share <= 0:
        return 0.0
    known, other = log(share), log1p(-share)
    terms = (
        log_choose(rows, found) + found * known + (rows - found) * other
        for found in range(least, rows + 1)
    )
    return min(1.0, sum(map(exp, terms)))


def chi_square_above(value: float, freedom: int) -> float:
    """By the finite sums for a whole number of degrees of freedom."""
    half = value / 2
    if half <= 0:
        return 1.0
    odd = freedom % 2
    steps = (step + odd / 2 for step in range(freedom // 2))
    first = erfc(sqrt(half)) if odd else 0.0
    return first + sum(exp(step * log(half) - half - lgamma(step + 1)) for step in steps)


def expected_counts(table: Indices) -> Numbers:
    """Of a table with the same shares in each row."""
    expected: Numbers = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def chi_square_test(table: Indices) -> float:
    """The p-value of a table whose rows have the same shares."""
    expected = expected_counts(table)
    distance = float((np.square(table - expected) / expected).sum())
    return chi_square_above(distance, (table.shape[0] - 1) * (table.shape[1] - 1))


def fisher_test(table: Indices | Numbers) -> float:
    """Of two by two counts: the chance of a table that is not likelier, with the same sums.

    Rows that depend on each other count less than one each; what they are worth is rounded.
    """
    (a, b), (c, d) = np.rint(table).astype(np.int64).tolist()
    rows, other, column = a + b, c + d, a + c
    possible = range(max(0, column - other), min(rows, column) + 1)
    whole = log_choose(rows + other, column)
    chances = {
        n: exp(log_choose(rows, n) + log_choose(other, column - n) - whole) for n in possible
    }
    return min(1.0, sum(chance for chance in chances.values() if chance <= chances[a] * SAME))


def log_choose(rows: int, chosen: int) -> float:
    return lgamma(rows + 1) - lgamma(chosen + 1) - lgamma(rows - chosen + 1)
