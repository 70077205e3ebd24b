"""Detects whether two nearly equal features, such as the length and width of a stone, were swapped.

Both have the same distribution and correlate with the same features, so neither shows a swap by
itself. Their difference does: its correlation with what the other features predict for it changes
sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np

from pipeline.arrays import Flags, Numbers
from reporting.drift.associations import (
    BLOCK,
    RIDGE,
    Associations,
    Broken,
    Link,
    judge_link,
)
from reporting.drift.feature_columns import Code, Encoder

ALIKE = 0.95  # numbers with at least this correlation are twins
STRONG = 0.15  # least correlation of their difference with its prediction from the others
TURNED = 1.5  # share of that correlation that is lost: above 1 it has changed sign


@dataclass(frozen=True)
class Twins:
    """Two twin features, and the weights that predict their difference from all columns."""

    link: Link  # of the difference; place and partner are the two features
    columns: tuple[int, int]
    code: Code  # of the difference
    weights: Numbers

    def correlate(self, encoded: Numbers) -> float:
        return _correlation(_differ(encoded, self.columns, self.code), encoded @ self.weights)


def learn_twins(known: Associations) -> tuple[Twins, ...]:
    encoded = known.encoder.encode(known.values)
    found = (_learn(known.encoder, encoded, pair) for pair in _find_pairs(known))
    return tuple(twins for twins in found if twins.link.correlation >= STRONG)


def find_swapped(
    known: Associations,
    twins: Sequence[Twins],
    values: Numbers,
    rows: Sequence[float],
    level: float,
) -> Broken | None:
    """The pair whose difference correlates with its prediction in reverse.

    Of several such pairs it is the one after whose swapping back the fewest are left.
    """

    def look(values: Numbers) -> list[Broken]:
        encoded = known.encoder.encode(values)
        judged = [
            judge_link(pair.link, pair.correlate(encoded), worth)
            for pair in twins
            for worth in [min(rows[pair.link.place], rows[pair.link.partner])]
        ]
        return [one for one in judged if one.p < level and one.lost >= TURNED]

    found = look(values) if twins else []
    if len(found) < 2:
        return found[0] if found else None
    return min(found, key=lambda one: len(look(swap_back(values, one.link))))


def swap_back(values: Numbers, link: Link) -> Numbers:
    places = [link.place, link.partner]
    returned = values.copy()
    returned[:, places] = values[:, places[::-1]]
    return returned


def _find_pairs(known: Associations) -> list[tuple[int, int]]:
    """Pairs of number columns that are twins."""
    encoder = known.encoder
    numbers = [
        int(np.argmax(encoder.owners == place))
        for place, code in enumerate(encoder.codes)
        if len(code.known)
    ]
    alike = known.covariance >= ALIKE
    return [pair for pair in combinations(numbers, 2) if alike[pair]]


def _learn(encoder: Encoder, encoded: Numbers, pair: tuple[int, int]) -> Twins:
    code = Code(np.sort(encoded[:, pair[0]] - encoded[:, pair[1]]), np.empty(0))
    differences = _differ(encoded, pair, code)
    others = ~np.isin(encoder.owners, encoder.owners[list(pair)])
    foretold = np.empty(len(encoded))
    odd = np.arange(len(encoded)) % 2 == 1
    for half in (odd, ~odd):  # each predicted by weights of the other
        foretold[half] = encoded[half] @ _fit(encoded[~half], differences[~half], others)
    starts = range(0, len(encoded) - BLOCK + 1, BLOCK)
    parts = [_correlation(differences[s : s + BLOCK], foretold[s : s + BLOCK]) for s in starts]
    error = max(float(np.std(parts)) * sqrt(BLOCK), 1e-6)
    one, other = (int(place) for place in encoder.owners[list(pair)])
    link = Link(one, _correlation(differences, foretold), error, other)
    return Twins(link, pair, code, _fit(encoded, differences, others))


def _differ(encoded: Numbers, pair: tuple[int, int], code: Code) -> Numbers:
    """The difference as normal scores, so that a row with a missing value has no large weight."""
    return next(code.encode(encoded[:, pair[0]] - encoded[:, pair[1]]))


def _fit(encoded: Numbers, wanted: Numbers, others: Flags) -> Numbers:
    """Ridge regression on the columns of the other features."""
    weights = np.zeros(encoded.shape[1])
    known = encoded[:, others]
    within = known.T @ known / len(known) + RIDGE * np.eye(known.shape[1])
    weights[others] = np.linalg.solve(within, known.T @ wanted / len(known))
    return weights


def _correlation(values: Numbers, foretold: Numbers) -> float:
    """0 if either is the same in all rows."""
    one, other = values - values.mean(), foretold - foretold.mean()
    return float(one @ other / max(sqrt((one @ one) * (other @ other)), 1e-12))
