"""Simulated populations for benchmarks/drift/__main__.py: plain columns, and a real embedding."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from reporting.drift.dataset_drift import RESIDUAL

Numbers = NDArray[np.float64]
Columns = dict[str, Numbers]
Change = Callable[[Numbers, np.random.Generator], Numbers]

SMOOTHING = 0.3  # of a class's covariance added to a resampled row, so that no row comes twice


def plain_columns(
    rows: int, rng: np.random.Generator, shifted: int = 0, by: float = 0.0
) -> Columns:
    values = rng.normal(size=(rows, 10))
    values[:, :shifted] += by
    return {f"PCA_{i + 1}": values[:, i] for i in range(10)}


@dataclass(frozen=True)
class Population:
    """Endless rows like those of a scikit-learn dataset: real ones, blurred within their class."""

    observations: Numbers
    targets: NDArray[np.int64]
    roots: dict[int, Numbers]  # of each class's covariance

    def draw(self, rows: int, rng: np.random.Generator) -> Numbers:
        chosen = rng.integers(len(self.observations), size=rows)
        drawn = self.observations[chosen]
        for label, root in self.roots.items():
            mine = self.targets[chosen] == label
            drawn[mine] += SMOOTHING * rng.normal(size=drawn[mine].shape) @ root
        return drawn


def make_population(observations: Numbers, targets: NDArray[np.int64]) -> Population:
    roots = {}
    for label in np.unique(targets):
        values, vectors = np.linalg.eigh(np.cov(observations[targets == label].T))
        roots[int(label)] = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    return Population(observations, targets, roots)


@dataclass(frozen=True)
class Embedding:
    scaler: StandardScaler
    pca: PCA

    def embed(self, observations: Numbers) -> Columns:
        scaled = self.scaler.transform(observations)
        vectors = self.pca.transform(scaled)
        columns = {f"PCA_{i + 1}": vectors[:, i] for i in range(vectors.shape[1])}
        columns[RESIDUAL] = np.linalg.norm(scaled - self.pca.inverse_transform(vectors), axis=1)
        return columns


def fit_embedding(
    population: Population, rows: int, rng: np.random.Generator
) -> tuple[Embedding, Columns]:
    """And the reference: the columns of these rows, the residual of as many that were held out."""
    fitted, held_out = population.draw(rows, rng), population.draw(rows, rng)
    scaler = StandardScaler().fit(fitted)
    pca = PCA(0.95, svd_solver="full").fit(scaler.transform(fitted))
    embedding = Embedding(scaler, pca)
    residual = embedding.embed(held_out)[RESIDUAL]
    return embedding, embedding.embed(fitted) | {RESIDUAL: residual}


def permute_inputs(observations: Numbers, rng: np.random.Generator) -> Numbers:
    """Each column keeps its values and loses its rows: what belongs together no longer does."""
    return rng.permuted(observations, axis=0)


def freeze_sensor(observations: Numbers, rng: np.random.Generator) -> Numbers:
    """One input reports the last value that it had, whatever happens."""
    frozen = observations.copy()
    sensor = rng.choice(np.flatnonzero(observations.std(axis=0) > 0))
    frozen[:, sensor] = frozen[0, sensor]
    return frozen


def shuffle_input(observations: Numbers, rng: np.random.Generator) -> Numbers:
    """The values of one input belong to other rows, as after a wrong join."""
    shuffled = observations.copy()
    sensor = rng.choice(np.flatnonzero(observations.std(axis=0) > 0))
    shuffled[:, sensor] = rng.permutation(shuffled[:, sensor])
    return shuffled
