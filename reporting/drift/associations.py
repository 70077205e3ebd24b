"""Do features that went together still go together?

A column whose values belong to other rows, as after a wrong join, has the distribution that it
always had. What it has lost is what the other columns foretell of it. Each feature is foretold from
all others by ridge regression over the reference, and its link is how far the two go together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature
from reporting.drift.feature_columns import LEAST_ROWS, Encoder, learn_encoder

STRONG = 0.2  # correlations in the reference that are watched
MOST_FEATURES = 40  # the first ones
RIDGE = 0.02  # of the variance of a column
BLOCK = 200  # rows of the reference, to see how far a correlation is off by chance
LEAST_BLOCKS = 4
MOST_BLAMED = 5
SURE = 4.0  # standard errors


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
class Associations:
    names: tuple[str, ...]
    links: tuple[Link, ...]
    encoder: Encoder
    covariance: Numbers  # of the encoded reference
    weights: Numbers  # by which the columns of the other features foretell those of each
    values: Numbers  # of the reference
    foretold: Numbers

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
            judged = [judge_link(link, found[link.place], rows[link.place]) for link in links]
            broken = [one for one in judged if one.p < level and one.lost >= least]
            return sorted(broken, key=lambda one: -one.lost)

        blamed: dict[int, Broken] = {}
        broken = look([])
        while broken and len(blamed) < MOST_BLAMED:
            trials = [(look([*blamed, one.link.place]), one) for one in broken[:MOST_BLAMED]]
            broken, worst = min(trials, key=lambda trial: len(trial[0]))
            blamed[worst.link.place] = worst
        return {self.names[place]: one for place, one in blamed.items()}

    def go_on(self, place: int, values: Numbers) -> bool:
        """Of a feature of which all rows hold one value: whether the others foretell it as ever.

        In a season that has this value the others have theirs, and foretell it. False where they
        do not tell.
        """
        if place not in {link.place for link in self.links}:
            return False
        alike = self.values[:, place] == values[0, place]
        if alike.sum() < LEAST_ROWS:
            return False
        mine = self.encoder.owners[self.encoder.own] == place
        known = self.foretold[:, mine]
        foretold = self.encoder.encode(values) @ self.weights[:, mine]
        usual = known.mean(axis=0)
        apart, found = known[alike].mean(axis=0) - usual, foretold.mean(axis=0) - usual
        noise = sqrt(known.var(axis=0).sum() / len(values))
        return bool(sqrt(apart @ apart) > SURE * noise and found @ apart < 0.5 * (apart @ apart))

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


def judge_link(link: Link, correlation: float, rows: float) -> Broken:
    z = (link.correlation - correlation) / link.error * sqrt(rows)
    return Broken(link, float(correlation), erfc(max(z, 0.0) / sqrt(2)))


def learn_associations(features: Sequence[Feature], values: Numbers) -> Associations | None:
    """None where the reference is too small to see how far a correlation is off by chance."""
    if len(values) < LEAST_BLOCKS * BLOCK:
        return None
    watched = tuple(feature.name for feature in features[:MOST_FEATURES])
    values = values[:, : len(watched)]
    encoder = learn_encoder(features, values)
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
    return Associations(watched, tuple(links), encoder, covariance, weights, values, foretold)


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
