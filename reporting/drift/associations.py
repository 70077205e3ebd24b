"""Tests whether features still correlate with the other features as they did in the reference.

A wrong join gives a column the values of other rows. Its distribution stays the same, but the other
columns no longer predict it. Ridge regression over the reference predicts each feature from all
others; the link of a feature is the correlation between its values and that prediction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature
from reporting.drift.feature_columns import LEAST_ROWS, Encoder, learn_encoder

STRONG = 0.2  # correlations in the reference that are watched
MOST_FEATURES = 40  # the first ones are watched
RIDGE = 0.02  # the penalty, as a share of the variance of a column
BLOCK = 200  # rows of the reference; correlations of blocks show how much varies by chance
LEAST_BLOCKS = 4
MOST_BLAMED = 5
SURE = 4.0  # standard errors beyond which a difference is no chance


@dataclass(frozen=True)
class Link:
    """The correlation of a feature with its prediction from the others."""

    place: int  # of the feature among the names
    correlation: float
    error: float  # standard error times the root of the number of rows
    partner: int  # the feature that has most weight in the prediction


@dataclass(frozen=True)
class Broken:
    link: Link
    correlation: float  # in the window
    p: float

    @property
    def lost(self) -> float:
        """The share of the correlation that is lost."""
        return 1 - self.correlation / self.link.correlation


@dataclass(frozen=True)
class Associations:
    names: tuple[str, ...]
    links: tuple[Link, ...]
    encoder: Encoder
    covariance: Numbers  # of the encoded reference
    weights: Numbers  # of the columns of the other features, in the prediction of each
    values: Numbers  # of the reference
    foretold: Numbers  # the predictions for the reference

    def find_broken(
        self, values: Numbers, rows: Sequence[float], level: float, least: float
    ) -> dict[str, Broken]:
        """The features that lost at least the share `least` of their link, beyond chance.

        `rows` is the number of independent rows for each feature. One damaged feature breaks the
        links of others, so the one without which the fewest others are broken is blamed first.
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
        """For a feature that has one value in all rows: whether the others go on as if it varied.

        If the value is that of a season, the others predict it, because they have the values of
        that season too. If not, the feature is frozen. False also if the others predict too little
        to tell.
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
        """The links and weights if the features at `places` are not used."""
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
    """None if the reference is too small to estimate how correlations vary by chance."""
    if len(values) < LEAST_BLOCKS * BLOCK:
        return None
    watched = tuple(feature.name for feature in features[:MOST_FEATURES])
    values = values[:, : len(watched)]
    encoder = learn_encoder(features, values)
    encoded = encoder.encode(values)
    foretold = np.empty((len(encoded), int(encoder.own.sum())))
    odd = np.arange(len(encoded)) % 2 == 1
    for half in (odd, ~odd):  # each predicted by weights of the other
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
    """The weights that predict each feature from the columns of all other features.

    One inverse of the covariance gives all regressions: the weights of one feature are minus the
    block of the inverse between it and the others, times the inverse of its own block.
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
    """For each feature the one with most weight in its prediction."""
    features = len(encoder.codes)
    shares = np.zeros((features, features))
    np.add.at(shares, (encoder.owners[:, None], encoder.owners[encoder.own][None, :]), weights**2)
    return [int(place) for place in shares.argmax(axis=0)]
