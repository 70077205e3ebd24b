"""The normal distribution."""

from math import erfc, sqrt
from statistics import NormalDist

import numpy as np

from pipeline.arrays import Numbers


def normal_quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)


def normal_below(values: Numbers) -> Numbers:
    """The chance of less than each value."""
    return np.array([erfc(-value / sqrt(2)) / 2 for value in values.tolist()])
