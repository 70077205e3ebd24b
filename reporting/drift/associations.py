"""Do features that went together still go together?

A column whose values belong to other rows, as after a wrong join, has the distribution that it
always had. What it has lost is what the other columns foretell of it. Each feature is foretold from
all others by ridge regression over the reference, and its link is how far the two go together.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import erfc, sqrt

import numpy as np

from pipeline.arrays import Flags, Indices, Numbers
from pipeline.data.schema import Feature
from reporting.distributions.normal import normal_quantile

STRONG = 0.2  # correlations in the reference that are watched
MOST_FEATURES = 40  # the first ones
MOST_VALUES, LEAST_ROWS = 12, 40  # of a category, or of a number of few: each has a column
RIDGE = 0.02  # of the variance of a column
BLOCK = 200  # rows of the reference, to see how far a correlation is off by chance
LEAST_BLOCKS = 4
MOST_BLAMED = 5
QUANTILES = 2_001  # of the normal distribution, between which is interpolated


@dataclass(frozen=True)
class Link:
    """Of a feature, by its place, with what the others foretell of it."""

    place: int
    correlation: float
    error: float  # of a correlation over a single row, so to speak: it falls with their root
    partner: int  # the feature that foretells most of it


@dataclass(frozen=True)
class Broken:
    link: Link
    correlation: float  # in the window
    p: float

    @property
    def lost(self) -> float:
        """The share of the correlation."""
        return 1 - self.correlation / self.link.correlation


@dataclass(frozen=True)
class Code:
    """How a feature becomes columns: a number its normal score, its square and each of few values,
    a category each of its frequent values. A gap is in the middle."""

    known: Numbers  # numbers of the reference in their order; none of a category
    frequent: Numbers

    def encode(self, values: Numbers) -> Iterator[Numbers]:
        if len(self.known):
            sides = [np.searchsorted(self.known, values, side) for side in ("left", "right")]
            shares = (sides[0] + sides[1] + 1) / 2 / (len(self.known) + 1)
            score = np.where(np.isfinite(values), np.interp(shares, *_normal_scores()), 0.0)
            yield from (score, score**2)
        for value in self.frequent.tolist():
            yield (values == value).astype(np.float64)

    @property
    def own(self) -> list[bool]:
        """Which of the columns are the feature itself; the others only foretell."""
        values = len(self.frequent)
        return [True, False] + [False] * values if len(self.known) else [True] * values


@dataclass(frozen=True)
class Encoder:
    """Rows of features as standardised columns, of which `owners` says the feature."""

    codes: tuple[Code, ...]
    owners: Indices
    own: Flags
    middle: Numbers
    scale: Numbers

    def encode(self, values: Numbers) -> Numbers:
        return (_encode(self.codes, values) - self.middle) / self.scale

    def correlate(self, encoded: Numbers, foretold: Numbers) -> Numbers:
        """Of each feature with what is foretold of it; 0 where either is the same in all rows."""
        values = encoded[:, self.own] - encoded[:, self.own].mean(axis=0)
        others = foretold - foretold.mean(axis=0)
        owners, features = self.owners[self.own], len(self.codes)
        both, one, other = (
            np.bincount(owners, (first * second).sum(axis=0), features)
            for first, second in ((values, others), (values, values), (others, others))
        )
        found: Numbers = both / np.sqrt(np.maximum(one * other, 1e-12))
        return found


@dataclass(frozen=True)
class Associations:
    names: tuple[str, ...]
    links: tuple[Link, ...]
    encoder: Encoder
    covariance: Numbers  # of the encoded reference
    weights: Numbers  # by which the columns of the other features foretell those of each

    def find_broken(
        self, values: Numbers, rows: Sequence[float], level: float, least: float
    ) -> dict[str, Broken]:
        """The features that lost at least so much of their link; `rows` is what each is worth.

        Blamed is the one without which the fewest others are broken, then the one that lost most.
        """
        encoded = self.encoder.encode(values)

        def look(without: list[int]) -> list[Broken]:
            links, weights = self._without(without)
            found = self.encoder.correlate(encoded, encoded @ weights)
            judged = [_judge(link, found[link.place], rows[link.place]) for link in links]
            broken = [one for one in judged if one.p < level and one.lost >= least]
            return sorted(broken, key=lambda one: -one.lost)

        blamed: dict[int, Broken] = {}
        broken = look([])
        while broken and len(blamed) < MOST_BLAMED:
            trials = [(look([*blamed, one.link.place]), one) for one in broken[:MOST_BLAMED]]
            broken, worst = min(trials, key=lambda trial: len(trial[0]))
            blamed[worst.link.place] = worst
        return {self.names[place]: one for place, one in blamed.items()}

    def _without(self, places: Sequence[int]) -> tuple[list[Link], Numbers]:
        """The links that are left where some features foretell nothing."""
        if not places:
            return list(self.links), self.weights
        weights = _fit(self.encoder, self.covariance, places)
        own, owners = self.encoder.own, self.encoder.owners[self.encoder.own]
        spread = self.covariance[np.ix_(own, own)].diagonal()
        shares = (self.covariance[:, own] * weights, weights * (self.covariance @ weights))
        both, other = (np.bincount(owners, share.sum(axis=0)) for share in shares)
        known = both / np.sqrt(np.maximum(np.bincount(owners, spread) * other, 1e-12))
        left = [
            replace(link, correlation=float(known[link.place]))
            for link in self.links
            if link.place not in places and known[link.place] >= STRONG
        ]
        return left, weights


def _judge(link: Link, correlation: float, rows: float) -> Broken:
    z = (link.correlation - correlation) / link.error * sqrt(rows)
    return Broken(link, float(correlation), erfc(max(z, 0.0) / sqrt(2)))


def learn_associations(features: Sequence[Feature], values: Numbers) -> Associations | None:
    """None where the reference is too small to see how far a correlation is off by chance."""
    if len(values) < LEAST_BLOCKS * BLOCK:
        return None
    watched = tuple(feature.name for feature in features[:MOST_FEATURES])
    values = values[:, : len(watched)]
    encoder = _learn_encoder(features, values)
    encoded = encoder.encode(values)
    foretold = np.empty((len(encoded), int(encoder.own.sum())))
    odd = np.arange(len(encoded)) % 2 == 1
    for half in (odd, ~odd):  # each foretold by weights of the other
        foretold[half] = encoded[half] @ _fit(encoder, _covariance(encoded[~half]))
    covariance = _covariance(encoded)
    weights = _fit(encoder, covariance)
    known = encoder.correlate(encoded, foretold)
    starts = range(0, len(encoded) - BLOCK + 1, BLOCK)
    parts = [encoder.correlate(encoded[s : s + BLOCK], foretold[s : s + BLOCK]) for s in starts]
    errors = np.std(parts, axis=0) * sqrt(BLOCK)
    links = [
        Link(place, float(known[place]), max(float(errors[place]), 1e-6), partner)
        for place, partner in enumerate(_find_partners(encoder, weights))
        if known[place] >= STRONG
    ]
    return Associations(watched, tuple(links), encoder, covariance, weights)


def _learn_encoder(features: Sequence[Feature], values: Numbers) -> Encoder:
    codes = tuple(
        _learn_code(feature, column) for feature, column in zip(features, values.T, strict=False)
    )
    owners = np.repeat(np.arange(len(codes)), [len(code.own) for code in codes])
    own = np.array([one for code in codes for one in code.own], dtype=np.bool_)
    encoded = _encode(codes, values)
    spread = encoded.std(axis=0)
    scale = np.where(spread > 1e-9, spread, np.inf)  # what never varies says nothing
    return Encoder(codes, owners, own, encoded.mean(axis=0), scale)


def _learn_code(feature: Feature, column: Numbers) -> Code:
    counts = Counter(column[np.isfinite(column)].tolist())
    frequent = [value for value, rows in counts.most_common(MOST_VALUES) if rows >= LEAST_ROWS]
    if feature.type in ("category", "boolean"):
        return Code(np.empty(0), np.array(frequent))
    few = frequent if len(counts) <= MOST_VALUES else []
    return Code(np.sort(column[np.isfinite(column)]), np.array(few))


def _encode(codes: Sequence[Code], values: Numbers) -> Numbers:
    pairs = zip(codes, values.T, strict=False)
    columns = [column for code, own in pairs for column in code.encode(own)]
    return np.column_stack(columns) if columns else np.empty((len(values), 0))


def _covariance(encoded: Numbers) -> Numbers:
    found: Numbers = encoded.T @ encoded / len(encoded)
    return found


def _fit(encoder: Encoder, covariance: Numbers, excluded: Sequence[int] = ()) -> Numbers:
    """Weights for each column that is a feature itself, by the columns of all other features.

    One inverse has the regressions of all: that of some columns on the others is what the inverse
    has between them, divided by what it has among themselves.
    """
    used = np.flatnonzero(~np.isin(encoder.owners, excluded))
    inverse = np.linalg.inv(covariance[np.ix_(used, used)] + RIDGE * np.eye(len(used)))
    weights = np.zeros_like(covariance)
    for place in range(len(encoder.codes)):
        mine = np.flatnonzero(encoder.owners[used] == place)
        if len(mine):
            found = -inverse[:, mine] @ np.linalg.inv(inverse[np.ix_(mine, mine)])
            found[mine] = 0.0
            weights[np.ix_(used, used[mine])] = found
    return weights[:, encoder.own]


def _find_partners(encoder: Encoder, weights: Numbers) -> list[int]:
    """Of each feature the one by which most of it is foretold."""
    features = len(encoder.codes)
    shares = np.zeros((features, features))
    np.add.at(shares, (encoder.owners[:, None], encoder.owners[encoder.own][None, :]), weights**2)
    return [int(place) for place in shares.argmax(axis=0)]


@cache
def _normal_scores() -> tuple[Numbers, Numbers]:
    shares = np.arange(1, QUANTILES + 1) / (QUANTILES + 1)
    return shares, np.array([normal_quantile(share) for share in shares.tolist()])
