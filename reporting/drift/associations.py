"""Do features that went together still go together?

A column whose values belong to other rows, as after a wrong join, has the distribution that it
always had. What it has lost is its correlation with others. Numbers are compared by their ranks; a
category stands for the mean rank that the other feature has with it in the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature

STRONG = 0.35  # correlations in the reference that are watched
MOST_FEATURES = 40  # the first ones: pairs grow with the square
BLOCK = 200  # rows of the reference, to see how far a correlation is off by chance
LEAST_BLOCKS = 4
LEAST_ROWS = 50  # in which both features have a value


@dataclass(frozen=True)
class Pair:
    """Two features by their places; `codes` replaces the places of a category by ranks."""

    first: int
    second: int
    codes: Numbers | None  # of the first, if that is a category
    correlation: float
    error: float  # of a correlation over a single row, so to speak: it falls with their root


@dataclass(frozen=True)
class Broken:
    pair: Pair
    correlation: float  # in the window
    p: float

    @property
    def lost(self) -> float:
        return abs(self.pair.correlation - self.correlation)

    def touches(self, place: int) -> bool:
        return place in (self.pair.first, self.pair.second)


@dataclass(frozen=True)
class Associations:
    names: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def find_broken(
        self, values: Numbers, rows: Sequence[float], level: float, least: float
    ) -> dict[str, list[Broken]]:
        """Pairs that lost their correlation, by the feature to blame: the one with most of them."""
        ranked = rank(values[:, :MOST_FEATURES])
        broken = []
        for pair in self.pairs:
            found = ranked.correlate(pair.first, pair.second, pair.codes)
            lost = 0.0 if found is None else (pair.correlation - found) / pair.correlation
            if found is None or lost < least:
                continue
            worth = min(rows[pair.first], rows[pair.second])
            z = (found - pair.correlation) / max(pair.error / sqrt(worth), 1e-6)
            p = erfc(abs(z) / sqrt(2))
            if p < level:
                broken.append(Broken(pair, found, p))
        return self._blame(broken)

    def _blame(self, broken: list[Broken]) -> dict[str, list[Broken]]:
        blamed: dict[str, list[Broken]] = {}
        while broken:
            touched = sorted({p for one in broken for p in (one.pair.first, one.pair.second)})
            worst = max(touched, key=lambda place: _guilt(broken, place))
            blamed[self.names[worst]] = [one for one in broken if one.touches(worst)]
            broken = [one for one in broken if not one.touches(worst)]
        return blamed

    def partner(self, name: str, pair: Pair) -> str:
        first, second = self.names[pair.first], self.names[pair.second]
        return second if first == name else first


def _guilt(broken: Sequence[Broken], place: int) -> tuple[int, float]:
    mine = [one.lost for one in broken if one.touches(place)]
    return len(mine), sum(mine)


@dataclass(frozen=True)
class Ranked:
    """Some rows, a column a feature: ranks with a mean of 0 and a spread of 1, and 0 for a gap.

    A column with a single value is all gaps: it goes with nothing.
    """

    values: Numbers
    ranks: Numbers
    present: Numbers  # 1.0 or 0.0

    def correlate_numbers(self) -> Numbers:
        """Of all columns with each other; NaN where too few rows have both."""
        both = self.present.T @ self.present
        sums: Numbers = self.ranks.T @ self.ranks
        return np.where(both >= LEAST_ROWS, sums / np.maximum(both, 1), np.nan)

    def correlate(self, first: int, second: int, codes: Numbers | None) -> float | None:
        """None where too few rows have both."""
        one, there = self.ranks[:, first], self.present[:, first]
        if codes is not None:
            told = codes[self.values[:, first].astype(np.int64)]
            one, there = _standardise(told[:, None], np.ones((len(told), 1)))
            one, there = one[:, 0], there[:, 0]
        both = float(there @ self.present[:, second])
        return None if both < LEAST_ROWS else float(one @ self.ranks[:, second]) / both


def rank(values: Numbers) -> Ranked:
    present = np.isfinite(values)
    ranks = average_ranks(values)
    return Ranked(values, *_standardise(np.where(present, ranks, 0.0), present.astype(np.float64)))


def average_ranks(values: Numbers) -> Numbers:
    """Of each column, from 1 on; equal values share a rank, and NaN has none."""
    ranks = np.full(values.shape, np.nan)
    for column, own in zip(values.T, ranks.T, strict=True):
        present = ~np.isnan(column)
        _, places, counts = np.unique(column[present], return_inverse=True, return_counts=True)
        own[present] = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks


def _standardise(numbers: Numbers, present: Numbers) -> tuple[Numbers, Numbers]:
    rows = np.maximum(present.sum(axis=0), 1)
    centred = (numbers - (numbers * present).sum(axis=0) / rows) * present
    spread = np.sqrt(np.square(centred).sum(axis=0) / rows)
    varied = spread > 1e-9
    return centred / np.where(varied, spread, 1.0) * varied, present * varied


def learn_associations(features: Sequence[Feature], values: Numbers) -> Associations:
    kinds = [feature.type for feature in features[:MOST_FEATURES]]
    categories = [place for place, kind in enumerate(kinds) if kind == "category"]
    numbers = [place for place, kind in enumerate(kinds) if kind != "category"]
    values = values[:, :MOST_FEATURES]
    whole = rank(values)
    blocks = [
        rank(values[start : start + BLOCK]) for start in range(0, len(values) - BLOCK + 1, BLOCK)
    ]
    among, parts = whole.correlate_numbers(), [block.correlate_numbers() for block in blocks]
    pairs = []
    for second in numbers:
        for first in [place for place in numbers if place < second]:
            found = [part[first, second] for part in parts]
            pairs.append(_pair(first, second, None, among[first, second], found))
        for first in categories:
            codes = _mean_ranks(whole, first, second, len(features[first].categories))
            told = [block.correlate(first, second, codes) for block in blocks]
            found = [np.nan if one is None else one for one in told]
            known = whole.correlate(first, second, codes)
            pairs.append(_pair(first, second, codes, known, found))
    names = tuple(feature.name for feature in features)
    return Associations(names, tuple(pair for pair in pairs if pair is not None))


def _mean_ranks(whole: Ranked, first: int, second: int, known: int) -> Numbers:
    """For each place of a category, also missing and new, the mean rank of the numbers there."""
    places = whole.values[:, first].astype(np.int64)
    rows = np.bincount(places, weights=whole.present[:, second], minlength=known + 2)
    sums = np.bincount(places, weights=whole.ranks[:, second], minlength=known + 2)
    codes: Numbers = sums / np.maximum(rows, 1)
    return codes


def _pair(
    first: int, second: int, codes: Numbers | None, known: float | None, parts: list[float]
) -> Pair | None:
    """None unless they go together, and it is known how far that is off by chance."""
    parts = [part for part in parts if not np.isnan(part)]
    if known is None or not abs(known) >= STRONG or len(parts) < LEAST_BLOCKS:
        return None
    return Pair(first, second, codes, float(known), float(np.std(parts)) * sqrt(BLOCK))
