"""From a row of numbers to a vector, frozen: what every service embeds with.

Prepare, predict, feedback and simulate all embed through here, so that a stored vector and a new
one are comparable. Three kinds stand behind this interface: `features` and `pca` are plain numpy
(`affine.py`; `fit.py` reads them off fitted scikit-learn objects, which are not needed any more),
`pipeline` runs a scikit-learn transformer of the user's own (`user_pipeline.py`).
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Indices, Numbers
from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Schema

Kind = Literal["pca", "features", "pipeline"]
ARRAYS, PIPELINE = "embedding.npz", "pipeline.pkl"  # the file of a kind in a sealed folder


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

        A row whose vector a classifier cannot hold (it would overflow) raises InvalidObservation.
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


def too_far() -> InvalidObservation:
    return InvalidObservation("features", "lie too far from the data to be embedded")


def identify(schema: Schema, *arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256(_spell(schema))
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _spell(schema: Schema) -> bytes:
    """As it was spelled before there were readings, where there are none: old ids stay."""
    plain = msgspec.to_builtins(schema)
    _drop_empty(plain, "ignored", "bins", "extraction")
    for feature in plain["features"]:
        _drop_empty(feature, "reading", "text", "network")
    return msgspec.json.encode(plain)


def _drop_empty(table: dict[str, Any], *names: str) -> None:
    """One that was read from an older file may lack them altogether."""
    for name in names:
        if not table.get(name):
            table.pop(name, None)
