"""Feedback on record as rows to test. Used before each training, and by scripts/check_data.py."""

import msgspec
import numpy as np
from sqlalchemy import Engine, func, select

from pipeline.data.observed import Observed
from pipeline.data.schema import Schema
from pipeline.data_tests.result import Rows
from pipeline.store.corrections import has_vector
from pipeline.store.tables import feedback, predictions

MOST_ROWS = 5_000


def read_feedback_rows(
    engine: Engine, schema: Schema, embedding_id: str, after: int = 0, most: int = MOST_ROWS
) -> Rows:
    """The latest feedback after a row. An observation that cannot be read is left out."""
    observed = func.coalesce(feedback.c.observation, predictions.c.observation)
    query = (
        select(feedback.c.target, feedback.c.prediction, observed.label("observation"))
        .select_from(feedback.outerjoin(predictions, feedback.c.prediction_id == predictions.c.id))
        .where(feedback.c.seq > after, feedback.c.embedding_id == embedding_id, has_vector())
        .order_by(feedback.c.seq.desc())
        .limit(most)
    )
    reader = Observed(schema)
    values, targets, said = [], [], []
    with engine.execution_options(readonly=True).connect() as connection:
        for row in connection.execute(query):
            try:
                values.append(reader.read(row.observation))
            except (msgspec.DecodeError, ValueError, TypeError):
                continue
            targets.append(row.target)
            said.append(row.prediction)
    shape = (len(values), len(reader.features))
    return Rows(
        np.array(values, dtype=np.float64).reshape(shape),
        np.array(targets, dtype=np.str_),
        np.array(said, dtype=np.str_),
    )
