"""Do features that went together still go together?

A column whose values belong to other rows, as after a wrong join, has the distribution that it
always had. What it has lost is its correlation with others. Numbers are compared by their ranks; a
category stands for the mean rank that the other feature has with it in the reference.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from scipy.stats import rankdata

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature

STRONG = 0.35  # correlations in the reference that are watched
MOST_FEATURES = 40
BLOCK = 200  # rows of the reference, to see how far a correlation is off by chance
LEAST_BLOCKS = 4
LEAST_ROWS = 50


@dataclass(frozen=True)
class Pair:
    """Two features by their places; `codes` replaces the places of a category by ranks."""

    first: int
    second: int
    codes: Numbers | None  # of the first, if that is a category
    correlation: float
    error: float  # of the correlation of a single row, so to speak: over the root of the rows


@dataclass(frozen=True)
class Broken:
    pair: Pair
    correlation: float  # in the window
    p: float


@dataclass(frozen=True)
class Associations:
    names: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def find_broken(
        self, values: Numbers, rows: Sequence[float], level: float, least: float
    ) -> dict[str, list[Broken]]:
        """Pairs that lost their correlation, by the feature to blame: the one with most of them."""
        broken = []
        for pair in self.pairs:
            worth = min(rows[pair.first], rows[pair.second])
            found = _compare(pair, values, worth)
            if found is not None and found.p < level:
                lost = (pair.correlation - found.correlation) / pair.correlation
                if lost >= least:
                    broken.append(found)
        return self._blame(broken)

    def _blame(self, broken: list[Broken]) -> dict[str, list[Broken]]:
        blamed: dict[str, list[Broken]] = {}
        while broken:
            guilt: Counter[int] = Counter()
            for one in broken:
                for place in (one.pair.first, one.pair.second):
                    guilt[place] += 1
            strongest = max(guilt, key=lambda place: (guilt[place], _lost(broken, place), -place))
            mine = [one for one in broken if strongest in (one.pair.first, one.pair.second)]
            blamed[self.names[strongest]] = mine
            broken = [one for one in broken if one not in mine]
        return blamed

    def partner(self, name: str, pair: Pair) -> str:
        first, second = self.names[pair.first], self.names[pair.second]
        return second if first == name else first


def _lost(broken: Sequence[Broken], place: int) -> float:
    mine = [one for one in broken if place in (one.pair.first, one.pair.second)]
    return sum(abs(one.pair.correlation - one.correlation) for one in mine)


def learn_associations(features: Sequence[Feature], values: Numbers) -> Associations:
    numbers = [p for p, f in enumerate(features) if f.type in ("number", "integer", "boolean")]
    categories = [p for p, f in enumerate(features) if f.type == "category"]
    if len(features) > MOST_FEATURES:  # the first ones: pairs grow with the square
        numbers = [p for p in numbers if p < MOST_FEATURES]
        categories = [p for p in categories if p < MOST_FEATURES]
    pairs = []
    for second in numbers:
        for first in [p for p in numbers if p < second]:
            pairs.append(_learn(first, second, values, None))
        for first in categories:
            codes = _mean_ranks(
                values[:, first], values[:, second], len(features[first].categories)
            )
            pairs.append(_learn(first, second, values, codes))
    names = tuple(feature.name for feature in features)
    return Associations(names, tuple(pair for pair in pairs if pair is not None))


def _mean_ranks(places: Numbers, numbers: Numbers, known: int) -> Numbers:
    """For each place of a category, also missing and new, the mean rank of the numbers there."""
    present = np.isfinite(numbers)
    ranks = rankdata(numbers[present]) / max(present.sum(), 1)
    where = places[present].astype(np.int64)
    rows = np.bincount(where, minlength=known + 2)
    sums = np.bincount(where, weights=ranks, minlength=known + 2)
    codes: Numbers = np.where(rows > 0, sums / np.maximum(rows, 1), 0.5)
    return codes


def _learn(first: int, second: int, values: Numbers, codes: Numbers | None) -> Pair | None:
    found = _correlate(first, second, values, codes)
    if found is None or abs(found) < STRONG:
        return None
    blocks = [values[start : start + BLOCK] for start in range(0, len(values) - BLOCK + 1, BLOCK)]
    parts = [_correlate(first, second, block, codes) for block in blocks]
    known = [part for part in parts if part is not None]
    if len(known) < LEAST_BLOCKS:
        return None
    return Pair(first, second, codes, found, float(np.std(known)) * sqrt(BLOCK))


def _compare(pair: Pair, values: Numbers, worth: float) -> Broken | None:
    found = _correlate(pair.first, pair.second, values, pair.codes)
    if found is None:
        return None
    z = (found - pair.correlation) / max(pair.error / sqrt(worth), 1e-6)
    return Broken(pair, found, erfc(abs(z) / sqrt(2)))


def _correlate(first: int, second: int, values: Numbers, codes: Numbers | None) -> float | None:
    one, other = values[:, first], values[:, second]
    present = np.isfinite(other) & np.isfinite(one)
    if present.sum() < LEAST_ROWS:
        return None
    one, other = one[present], rankdata(other[present])
    one = rankdata(one) if codes is None else codes[one.astype(np.int64)]
    if one.std() == 0 or other.std() == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
