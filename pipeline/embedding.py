"""From a row of numbers to a vector: scaler, then PCA, as plain numpy. Used by every service.

Prepare, predict, feedback and simulate all embed through here, so that a stored vector and a
new one are comparable. It needs no scikit-learn; `pipeline/fitting.py` makes it from a fitted one.
"""

import hashlib
import io
from dataclasses import astuple, dataclass, fields

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.observation import LARGEST, BadObservation
from pipeline.schema import Schema

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """The arrays of a fitted scaler and PCA; they fully determine the embedding."""

    fills: Numbers  # what replaces a missing number, one for each feature
    sources: NDArray[np.int64]  # for each expanded column, the feature that it comes from
    codes: NDArray[np.int64]  # the category that the expanded column marks, -1 for a number
    centres: Numbers  # the scaler and the mean of the PCA, as (expanded - centres) * factors
    factors: Numbers
    components: Numbers  # expanded columns x vector, orthonormal


@dataclass(frozen=True)
class Embedding:
    """A frozen embedding. Vectors may be compared only when their `embedding_id` is the same."""

    schema: Schema
    steps: Steps
    embedding_id: str

    @property
    def width(self) -> int:
        return int(self.steps.components.shape[1])

    def embed(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """The vectors of some rows, and of each the PCA residual: how far the row lies from them.

        A row whose vector a classifier cannot hold (it would overflow) raises BadObservation.
        """
        steps = self.steps
        centred = (self._expand(rows) - steps.centres) * steps.factors
        vectors = centred @ steps.components
        lengths = np.vecdot(centred, centred)
        if not (lengths <= LARGEST**2).all():
            raise BadObservation("features", "lie too far from the data to be embedded")
        lost = lengths - np.vecdot(vectors, vectors)
        return vectors, np.sqrt(np.maximum(lost, 0.0))

    def share(self, rows: Numbers, places: NDArray[np.int64]) -> Numbers:
        """What some features alone add to the vectors of some rows.

        Scaler and PCA are sums over the features, so the shares of all of them are the vectors.
        """
        steps = self.steps
        columns = np.flatnonzero(np.isin(steps.sources, places))
        sources, codes = steps.sources[columns], steps.codes[columns]
        wide = rows[:, sources]
        filled = np.where(np.isnan(wide), steps.fills[sources], wide)
        expanded = np.where(codes < 0, filled, filled == codes)
        centred = (expanded - steps.centres[columns]) * steps.factors[columns]
        vectors: Numbers = centred @ steps.components[columns]
        return vectors

    def _expand(self, rows: Numbers) -> Numbers:
        """Fill what is missing and give each category a column of its own."""
        steps = self.steps
        gaps = np.isnan(rows)
        if gaps.any():
            rows = np.where(gaps, steps.fills, rows)
        if len(steps.sources) == rows.shape[1]:  # no categories: the columns are the features
            return rows
        wide = rows[:, steps.sources]
        return np.where(steps.codes < 0, wide, wide == steps.codes)

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        arrays = {field.name: getattr(self.steps, field.name) for field in fields(Steps)}
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()


def make_embedding(schema: Schema, steps: Steps) -> Embedding:
    digest = hashlib.sha256(msgspec.json.encode(schema))
    for array in astuple(steps):
        digest.update(np.ascontiguousarray(array).tobytes())
    return Embedding(schema, steps, digest.hexdigest()[:16])


def read_embedding(schema: Schema, content: bytes) -> Embedding:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return make_embedding(schema, Steps(**{name: arrays[name] for name in arrays.files}))
