"""Predictions and feedback on record, written as serving writes them, without serving."""

import json
import time
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from sqlalchemy import Engine

from pipeline.datasets.dataset import Dataset
from pipeline.datasets.load import load_dataset
from pipeline.embedding.embedding import Embedding
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of
from pipeline.store.database import connect, create_schema
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import Feedback, new_ids
from tests.support.models_and_records.installations import Installation


class Traffic:
    """The rows are drawn from the dataset with a little noise, so that none repeats another."""

    def __init__(self, installation: Installation, seed: int = 0) -> None:
        self.installation = installation
        self.version = installation.artifacts().current()
        self.random = np.random.default_rng(seed)
        create_schema(self.engine)

    @cached_property
    def engine(self) -> Engine:
        return connect(self.installation.settings().store)

    @cached_property
    def dataset(self) -> Dataset:
        return load_dataset(self.installation.settings())

    @cached_property
    def embedding(self) -> Embedding:
        return embedding_of(self.version)

    def draw(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Some observations as rows of numbers, in the usual range, and their targets."""
        known = self.dataset.rows
        places = self.random.integers(0, len(known), rows)
        noise = self.random.normal(0, 0.01, (rows, known.shape[1])) * known.std(axis=0)
        values = np.clip(known[places] + noise, known.min(axis=0), known.max(axis=0))
        return values, self.dataset.targets[places]

    def predict(self, rows: np.ndarray, at: float | None = None) -> list[str]:
        """Record the live version's predictions of some rows; their ids."""
        at = time.time() if at is None else at
        vectors, residuals = self.embedding.embed(rows)
        places, scores = load_scorer(self.version).score(vectors)
        labels = np.array(self.version.manifest["classes"])[places]
        ids = new_ids(at, len(rows))
        number, embedding = self.version.manifest["version"], self.embedding.embedding_id
        written = [
            (
                ids[place],
                at,
                number,
                embedding,
                json.dumps(rows[place].tolist()).encode(),
                vectors[place].tobytes(),
                float(residuals[place]),
                str(labels[place]),
                scores[place].tobytes(),
            )
            for place in range(len(rows))
        ]
        PredictionWriter(self.engine).write(written)
        return ids

    def answer(self, ids: Sequence[str], targets: Sequence[str]) -> None:
        """Give feedback on predictions on record."""
        given = [Feedback(str(target), one) for one, target in zip(ids, targets, strict=True)]
        with self.engine.begin() as connection:
            write_feedback(connection, given, every=10**9)

    def run(self, rows: int, labelled: int = 0, moved: float = 0.0) -> None:
        """Predict some rows, each feature moved by so many standard deviations, and label some."""
        values, targets = self.draw(rows)
        values = values + moved * self.dataset.rows.std(axis=0)
        ids = self.predict(values)
        self.answer(ids[:labelled], targets[:labelled])
