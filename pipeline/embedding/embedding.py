"""From a row of numbers to a vector, frozen: what every service embeds with.

Prepare, predict, feedback and simulate all embed through here, so that a stored vector and a new
one are comparable. Three kinds stand behind one interface: `features` and `pca` are plain numpy
(`fit.py` reads them off fitted scikit-learn objects, which are not needed any more), `pipeline`
runs a scikit-learn transformer of the user's own.
"""

import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Indices, Numbers
from pipeline.data.observation import LARGEST, BadObservation
from pipeline.data.schema import Schema
from pipeline.embedding.column_names import describe_columns, pca_columns

Kind = Literal["pca", "features", "pipeline"]
ARRAYS, PIPELINE = "embedding.npz", "pipeline.pkl"  # the file of a kind in a sealed folder


@dataclass(frozen=True)
class Steps:
    """The arrays of a fitted scaler, and of a PCA if there is one; they are the embedding."""

    fills: Numbers  # what replaces a missing number, one for each feature
    sources: Indices  # for each expanded column, the feature that it comes from
    codes: Indices  # the category that the expanded column marks, -1 for a number
    centres: Numbers  # the scaler and the mean of the PCA, as (expanded - centres) * factors
    factors: Numbers
    components: Numbers | None = None  # expanded columns x vector, orthonormal

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {name: array for name, array in vars(self).items() if array is not None}


@dataclass(frozen=True)
class Embedding(ABC):
    """A frozen embedding. Vectors may be compared only when their `embedding_id` is the same."""

    schema: Schema
    embedding_id: str

    @property
    @abstractmethod
    def kind(self) -> Kind: ...

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The names of a vector's numbers, as `ref_data.csv` carries them."""

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def has_residual(self) -> bool:
        """Whether vectors lose a part of the row that is worth watching."""
        return False

    @property
    def weights(self) -> Numbers:
        """About how much of each feature the vectors keep."""
        return np.ones(len(self.schema.features))

    @abstractmethod
    def embed(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """The vectors of some rows, and of each the residual: how much of it they lose.

        A row whose vector a classifier cannot hold (it would overflow) raises BadObservation.
        """

    def replace(self, rows: Numbers, donors: Numbers, places: Indices) -> Numbers:
        """The vectors of some rows whose features at these places are those of other rows."""
        mixed = rows.copy()
        mixed[:, places] = donors[:, places]
        return self.embed(mixed)[0]

    def paths(
        self, start: Numbers, end: Numbers, groups: Sequence[Indices], orders: Sequence[Indices]
    ) -> list[Numbers]:
        """The vectors on the way from one row to another, which takes over a group at a time."""
        paths = []
        for order in orders:
            rows = np.tile(start, (len(groups) + 1, 1))
            for step, group in enumerate(order, start=1):
                rows[step:, groups[group]] = end[groups[group]]
            paths.append(self.embed(rows)[0])
        return paths

    @abstractmethod
    def to_bytes(self) -> bytes:
        """The content of the file that `file_name` names."""

    @property
    def file_name(self) -> str:
        return PIPELINE if self.kind == "pipeline" else ARRAYS


@dataclass(frozen=True)
class AffineEmbedding(Embedding):
    """Gaps filled, categories expanded, scaled, and for `pca` projected: a sum over the features.

    The sum is what makes `replace` and `paths` cheap: only what changes is computed.
    """

    steps: Steps

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
            raise _too_far()
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
        centred: Numbers = (expanded - steps.centres[chosen]) * steps.factors[chosen]
        return centred

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self.steps.arrays())
        return buffer.getvalue()


@dataclass(frozen=True)
class PipelineEmbedding(Embedding):
    """A fitted scikit-learn transformer of the user's own."""

    transformer: Any
    names: tuple[str, ...]
    content: bytes  # the transformer, pickled

    @property
    def kind(self) -> Kind:
        return "pipeline"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names

    def embed(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        try:
            found = self.transformer.transform(rows)
        except ValueError as error:
            reason = str(error).partition("\n")[0][:200]
            raise BadObservation("features", f"are refused by the pipeline: {reason}") from error
        dense = found.toarray() if hasattr(found, "toarray") else found
        vectors = np.ascontiguousarray(dense, dtype=np.float64)
        if not (np.abs(vectors) <= LARGEST).all():  # also refuses NaN
            raise _too_far()
        return vectors, np.zeros(len(rows))

    def to_bytes(self) -> bytes:
        return self.content


def make_embedding(schema: Schema, steps: Steps) -> AffineEmbedding:
    return AffineEmbedding(schema, _identify(schema, *steps.arrays().values()), steps)


def make_pipeline_embedding(schema: Schema, transformer: Any, content: bytes) -> PipelineEmbedding:
    """Tries the transformer on the schema's example, which also tells how wide its vectors are."""
    from pipeline.data.observation import decode_features

    example = decode_features(schema, [feature.example for feature in schema.features])
    found = transformer.transform(np.array([example]))
    try:
        given = transformer.get_feature_names_out([feature.name for feature in schema.features])
    except (AttributeError, ValueError):
        given = [f"feature_{place}" for place in range(1, found.shape[1] + 1)]
    names = tuple(str(name) for name in given)
    embedding_id = _identify(schema, np.frombuffer(content, dtype=np.uint8))
    return PipelineEmbedding(schema, embedding_id, transformer, names, content)


def _too_far() -> BadObservation:
    return BadObservation("features", "lie too far from the data to be embedded")


def _identify(schema: Schema, *arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256(msgspec.json.encode(schema))
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def read_embedding(schema: Schema, content: bytes) -> AffineEmbedding:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return make_embedding(schema, Steps(**{name: arrays[name] for name in arrays.files}))
