"""The rows that the store still holds whole, with the columns that they have in a Parquet file."""

from typing import Any

from sqlalchemy import Select, func, select

from pipeline.store.corrections import has_vector
from pipeline.store.tables import feedback, predictions, request_ids, subjects

PLAIN = (
    *("at", "version", "embedding_id", "observation", "vector", "pca_residual", "prediction"),
    "probabilities",
)
ANSWERED = ("version", "embedding_id", "vector", "pca_residual", "prediction", "target", "seq")


def select_unanswered() -> Select[Any]:
    """Predictions that nobody gave feedback on."""
    answered = select(feedback.c.seq).where(feedback.c.prediction_id == predictions.c.id)
    plain = (predictions.c[name] for name in PLAIN)
    query = select(predictions.c.id.label("prediction_id"), *plain, *_names())
    return query.select_from(_with_names(predictions)).where(~answered.exists())


def select_answered() -> Select[Any]:
    """Feedback, each with what its prediction has; some of it came without a prediction."""
    own = (feedback.c[name] for name in ANSWERED)
    query = select(
        *own,
        feedback.c.id.label("feedback_id"),
        feedback.c.at.label("answered_at"),
        feedback.c.prediction_id,
        func.coalesce(feedback.c.predicted_at, feedback.c.at).label("at"),
        func.coalesce(feedback.c.observation, predictions.c.observation).label("observation"),
        predictions.c.probabilities,
        *_names(),
    )
    joined = feedback.outerjoin(predictions, predictions.c.id == feedback.c.prediction_id)
    return query.select_from(_with_names(joined)).where(has_vector())


def _names() -> tuple[Any, Any]:
    """What the caller called the prediction, and under which request it was asked for."""
    return subjects.c.subject, request_ids.c.request_id


def _with_names(table: Any) -> Any:
    named = table.outerjoin(subjects, subjects.c.prediction_id == predictions.c.id)
    return named.outerjoin(request_ids, request_ids.c.prediction_id == predictions.c.id)
