"""How far a sample strays from its distribution by chance: Kolmogorov and Smirnov's, exactly."""

from math import ceil, exp, lgamma, log, log1p

import numpy as np

from pipeline.arrays import Numbers
from reporting.distributions.counts import log_choose

EXACT_GAP = 2.2  # n gap² from which on twice the one-sided chance is right to ten digits
NEVER = 350.0  # n gap² from which on a chance is less than the smallest number


def kolmogorov_above(gap: float, rows: int) -> float:
    """The chance of a wider gap between a distribution and a sample of it, to either side."""
    distance = rows * gap * gap
    if gap >= 1 or distance > NEVER:
        return 0.0
    if distance > EXACT_GAP:
        return min(1.0, 2 * _smirnov_above(gap, rows))
    if 2 * rows * gap <= 1:
        return 1.0
    return 1.0 - _kolmogorov_below(gap, rows)


def _smirnov_above(gap: float, rows: int) -> float:
    """To one side, by the sum of Birnbaum and Tingey."""
    total = 0.0
    for step in range(int(rows * (1 - gap)) + 1):
        below = gap + step / rows
        if below >= 1:
            break
        total += exp(
            log_choose(rows, step) + (step - 1) * log(below) + (rows - step) * log1p(-below)
        )
    return gap * total


def _kolmogorov_below(gap: float, rows: int) -> float:
    """By the power of a matrix, after Marsaglia, Tsang and Wang (2003)."""
    most = ceil(rows * gap)
    size, rest = 2 * most - 1, most - rows * gap
    step = _transition(size, rest)
    power, scale = _power(step, rows)
    log_factorial = lgamma(rows + 1) - rows * log(rows)
    value = float(power[most - 1, most - 1])
    return exp(log(value) + scale + log_factorial) if value > 0 else 0.0


def _transition(size: int, rest: float) -> Numbers:
    edges = 1 - rest ** np.arange(1, size + 1)
    matrix = np.tri(size, size, 1)
    matrix[:, 0] = edges
    matrix[-1, :] = edges[::-1]
    matrix[-1, 0] = 1 - 2 * rest**size + max(0.0, 2 * rest - 1) ** size
    lengths = np.subtract.outer(np.arange(size), np.arange(size)) + 1
    logs = np.array([lgamma(length + 1) for length in range(size + 1)])
    return np.where(lengths > 0, matrix * np.exp(-logs[np.maximum(lengths, 0)]), matrix)


def _power(matrix: Numbers, exponent: int) -> tuple[Numbers, float]:
    """A power, and the logarithm of what it is to be multiplied with: kept from overflowing."""
    found, scale = np.eye(len(matrix)), 0.0
    square, squared = matrix, 0.0
    while exponent:
        if exponent % 2:
            found, scale = found @ square, scale + squared
        square, squared = square @ square, 2 * squared
        largest = float(square.max())
        square, squared = square / largest, squared + log(largest)
        exponent //= 2
    return found, scale
