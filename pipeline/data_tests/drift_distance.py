"""How far a feature moved: Wasserstein for numbers, Jensen and Shannon for shares.

Evidently has both under the names `wasserstein` and `jensenshannon`, so that its tests can be held
to the same limits.
"""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature


def is_number(feature: Feature) -> bool:
    return feature.type not in ("category", "boolean")


def present_values(feature: Feature, column: Numbers) -> Numbers:
    """Of a category its place among those known, one further for all that are new."""
    known = column != len(feature.categories) if feature.type == "category" else np.isfinite(column)
    present: Numbers = column[known]
    return present


def number_distance(reference: Numbers, current: Numbers) -> float | None:
    """In standard deviations of the reference; None where it has a single value."""
    spread = float(np.std(reference))
    if spread == 0 or not np.isfinite(spread):
        return None
    first, second = (standardise(side, reference) for side in (reference, current))
    return float(wasserstein_distance(first, second))


def standardise(values: Numbers, reference: Numbers) -> Numbers:
    """By the mean and the standard deviation of the reference."""
    standard: Numbers = (values - np.mean(reference)) / np.std(reference)
    return standard


def shares_distance(reference: Numbers, current: Numbers) -> float:
    """Between 0 and 0.83."""
    known = np.unique(np.concatenate([reference, current]))
    first, second = (_shares(side, known.tolist()) for side in (reference, current))
    return float(jensenshannon(first, second))


def _shares(values: Numbers, known: Sequence[float]) -> list[float]:
    return [float((values == one).mean()) for one in known]
