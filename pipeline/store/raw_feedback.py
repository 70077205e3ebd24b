"""Feedback as it was observed, before any embedding: what a new embedding is made from."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, func, select

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.data.observation import encode_observation
from pipeline.data.schema import Schema
from pipeline.embedding.embedding import Embedding
from pipeline.store.production_rows import ProductionRows, is_evaluation
from pipeline.store.tables import feedback, predictions


@dataclass(frozen=True)
class RawFeedback:
    """Rows of numbers, in the order in which the feedback came."""

    seqs: Indices
    rows: Numbers
    targets: Labels
    evaluation: NDArray[np.bool_]
    errors: NDArray[np.bool_]

    def embedded(self, embedding: Embedding) -> ProductionRows:
        vectors = np.empty((0, embedding.width))
        if len(self.rows):
            vectors, _ = embedding.embed(self.rows)
        return ProductionRows(self.seqs, vectors, self.targets, self.evaluation, self.errors)


def observed() -> ColumnElement[Any]:
    """The observation of a feedback row, its own or that of its prediction."""
    return func.coalesce(feedback.c.observation, predictions.c.observation).label("observation")


def with_predictions() -> Any:
    return feedback.outerjoin(predictions, feedback.c.prediction_id == predictions.c.id)


def read_raw_feedback(engine: Engine, schema: Schema) -> RawFeedback:
    columns = [feedback.c[name] for name in ("seq", "id", "target", "prediction")]
    query = select(*columns, observed()).select_from(with_predictions()).order_by(feedback.c.seq)
    query = query.where(observed().is_not(None))
    with engine.execution_options(readonly=True).connect() as connection:
        found = connection.execute(query).all()
    rows = np.array([decode(schema, row.observation) for row in found], dtype=np.float64)
    return RawFeedback(
        np.array([row.seq for row in found], dtype=np.int64),
        rows.reshape(len(found), len(schema.features)),
        np.array([row.target for row in found], dtype=np.str_),
        np.array([is_evaluation(row.id) for row in found], dtype=np.bool_),
        np.array([row.prediction != row.target for row in found], dtype=np.bool_),
    )


def decode(schema: Schema, observation: bytes) -> list[float]:
    """The row of numbers of an observation as the store keeps it."""
    return encode_observation(schema, msgspec.json.decode(observation))
