"""Encodes features as columns of numbers, so that regression can predict each from the others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.arrays import Flags, Indices, Numbers
from pipeline.data.schema import Feature
from reporting.distributions.normal import normal_quantile

MOST_VALUES, LEAST_ROWS = 12, 40  # most values that get an indicator, and least rows of each
QUANTILES = 2_001  # of the normal distribution, for interpolation


@dataclass(frozen=True)
class Code:
    """How a feature becomes columns.

    A number becomes its normal score, the square of that, and an indicator for each value if these
    are few; a category an indicator for each frequent value. A missing number has score 0.
    """

    known: Numbers  # the sorted numbers of the reference; empty for a category
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
        """Which columns are predicted; the others are only predictors of other features."""
        values = len(self.frequent)
        return [True, False] + [False] * values if len(self.known) else [True] * values


@dataclass(frozen=True)
class Encoder:
    """Encodes rows as standardised columns; `owners` has the feature of each column."""

    codes: tuple[Code, ...]
    owners: Indices
    own: Flags
    middle: Numbers
    scale: Numbers

    def encode(self, values: Numbers) -> Numbers:
        return (_encode(self.codes, values) - self.middle) / self.scale

    def correlate(self, encoded: Numbers, foretold: Numbers) -> Numbers:
        """The correlation of each feature with its prediction; 0 if either is constant."""
        values = encoded[:, self.own] - encoded[:, self.own].mean(axis=0)
        others = foretold - foretold.mean(axis=0)
        owners, features = self.owners[self.own], len(self.codes)
        both, one, other = (
            np.bincount(owners, (first * second).sum(axis=0), features)
            for first, second in ((values, others), (values, values), (others, others))
        )
        found: Numbers = both / np.sqrt(np.maximum(one * other, 1e-12))
        return found


def learn_encoder(features: Sequence[Feature], values: Numbers) -> Encoder:
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


@cache
def _normal_scores() -> tuple[Numbers, Numbers]:
    shares = np.arange(1, QUANTILES + 1) / (QUANTILES + 1)
    return shares, np.array([normal_quantile(share) for share in shares.tolist()])
