"""The kinds `features` and `pca`: gaps filled, categories expanded, scaled, perhaps projected."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Indices, Numbers
from pipeline.cells.number_text import LARGEST
from pipeline.data.schema import Schema
from pipeline.embedding.column_names import FIRST_PART, describe_columns, pca_columns
from pipeline.embedding.date_parts import date_parts
from pipeline.embedding.embedding import Embedding, Kind, identify, too_far


@dataclass(frozen=True)
class EmbeddingArrays:
    """The arrays of a fitted scaler, and of a PCA if there is one; they are the embedding."""

    fills: Numbers  # what replaces a missing number, one for each feature
    sources: Indices  # for each expanded column, the feature that it comes from
    codes: Indices  # the category that the expanded column marks, -1: a number, less: of a date
    centres: Numbers  # the scaler and the mean of the PCA, as (expanded - centres) * factors
    factors: Numbers
    components: Numbers | None = None  # expanded columns x vector, orthonormal

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {name: array for name, array in vars(self).items() if array is not None}


@dataclass(frozen=True)
class AffineEmbedding(Embedding):
    """Gaps filled, categories expanded, scaled, and for `pca` projected: a sum over the features.

    The sum is what makes `replace` and `paths` cheap: only what changes is computed.
    """

    steps: EmbeddingArrays

    @property
    def kind(self) -> Kind:
        return "features" if self.steps.components is None else "pca"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        if self.steps.components is None:
            return describe_columns(self.schema, self.steps.sources, self.steps.codes)
        return pca_columns(self.steps.components.shape[1])

    @property
    def has_residual(self) -> bool:
        """A PCA that keeps every direction leaves rounding errors, and nothing to watch."""
        components = self.steps.components
        return components is not None and components.shape[1] < components.shape[0]

    @property
    def weights(self) -> Numbers:
        steps, weights = self.steps, np.zeros(len(self.schema.features))
        kept = 1.0 if steps.components is None else np.square(steps.components).sum(axis=1)
        np.add.at(weights, steps.sources, kept)
        return weights

    def embed(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        scaled = self._scale(rows)
        lengths = np.vecdot(scaled, scaled)
        if not (lengths <= LARGEST**2).all():
            raise too_far()
        vectors = self._project(scaled)
        if not self.has_residual:
            return vectors, np.zeros(len(rows))
        lost = lengths - np.vecdot(vectors, vectors)
        return vectors, np.sqrt(np.maximum(lost, 0.0))

    def replace(self, rows: Numbers, donors: Numbers, places: Indices) -> Numbers:
        columns = np.flatnonzero(np.isin(self.steps.sources, places))
        change = self._scale(donors, columns) - self._scale(rows, columns)
        return self.embed(rows)[0] + self._project(change, columns)

    def paths(
        self, start: Numbers, end: Numbers, groups: Sequence[Indices], orders: Sequence[Indices]
    ) -> list[Numbers]:
        (scaled,) = self._scale(end[None]) - self._scale(start[None])
        moves = np.zeros((len(groups), len(scaled)))
        for group, places in enumerate(groups):
            columns = np.isin(self.steps.sources, places)
            moves[group, columns] = scaled[columns]
        steps, ends = self._project(moves), self.embed(np.stack([start, end]))[0]
        paths = []
        for order in orders:
            path = np.vstack([ends[0], ends[0] + np.cumsum(steps[order], axis=0)])
            path[-1] = ends[1]  # without the rounding errors of the sum
            paths.append(path)
        return paths

    def _project(self, scaled: Numbers, columns: Indices | None = None) -> Numbers:
        components = self.steps.components
        if components is None:
            if columns is None:
                return scaled
            wide = np.zeros((len(scaled), len(self.steps.sources)))
            wide[:, columns] = scaled
            return wide
        projected: Numbers = scaled @ (components if columns is None else components[columns])
        return projected

    def _scale(self, rows: Numbers, columns: Indices | None = None) -> Numbers:
        """Fill what is missing, give each category a column of its own, scale; all or some."""
        steps = self.steps
        if columns is None and len(steps.sources) == rows.shape[1]:  # the columns are the features
            gaps = np.isnan(rows)
            filled = np.where(gaps, steps.fills, rows) if gaps.any() else rows
            scaled: Numbers = (filled - steps.centres) * steps.factors
            return scaled
        chosen: Any = slice(None) if columns is None else columns
        sources, codes = steps.sources[chosen], steps.codes[chosen]
        wide = rows[:, sources]
        gaps = np.isnan(wide)
        if gaps.any():
            wide = np.where(gaps, steps.fills[sources], wide)
        expanded = np.where(codes < 0, wide, wide == codes)
        for source in np.unique(sources[codes <= FIRST_PART]):
            parts = np.flatnonzero(sources == source)
            expanded[:, parts] = date_parts(wide[:, parts[0]])[:, FIRST_PART - codes[parts]]
        centred: Numbers = (expanded - steps.centres[chosen]) * steps.factors[chosen]
        return centred

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self.steps.arrays())
        return buffer.getvalue()


def make_embedding(schema: Schema, steps: EmbeddingArrays) -> AffineEmbedding:
    return AffineEmbedding(schema, identify(schema, *steps.arrays().values()), steps)


def read_embedding(schema: Schema, content: bytes) -> AffineEmbedding:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return make_embedding(
            schema, EmbeddingArrays(**{name: arrays[name] for name in arrays.files})
        )
