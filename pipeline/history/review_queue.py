"""The predictions that wait for somebody to check them: each is lent to one person at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from pipeline.arrays import Numbers
from pipeline.history.review import Choice, Pool, Strategy, choose
from pipeline.store.encoding import unpack
from pipeline.store.tables import feedback, predictions, reviews

POOL_ROWS = 2_000  # the latest predictions, among which is chosen
COLUMNS = (
    "id",
    "at",
    "version",
    "embedding_id",
    "vector",
    "pca_residual",
    "prediction",
    "probabilities",
)
LEASE_SECONDS = 600.0
SKIPPED = float("inf")  # until when: nobody is asked about it again
Others = Callable[[Numbers], Numbers] | None  # the probabilities by the version before


@dataclass(frozen=True)
class Lent:
    """A prediction to check, until when it is nobody else's, and why it was chosen."""

    prediction: Any
    until: float
    why: str


def lend(
    connection: Connection,
    version: str,
    embedding_id: str,
    others: Others,
    count: int,
    strategy: Strategy,
    now: float,
    random: np.random.Generator,
) -> list[Lent]:
    """Choose among the latest predictions of a version that nobody answered, skipped or holds.

    In one transaction with the lock of writers, so that two people never get the same.
    """
    connection.execute(delete(reviews).where(reviews.c.until <= now))
    rows = _unanswered(connection, version, embedding_id)
    if not rows:
        return []
    chosen = choose(_make_pool(rows, others), count, strategy, random)
    until = now + LEASE_SECONDS
    if chosen:
        lent = [{"prediction_id": rows[one.place].id, "until": until} for one in chosen]
        connection.execute(insert(reviews), lent)
    return [_describe(rows, one, until) for one in chosen]


def _describe(rows: Sequence[Any], one: Choice, until: float) -> Lent:
    return Lent(rows[one.place], until, one.why)


def _unanswered(connection: Connection, version: str, embedding_id: str) -> Sequence[Any]:
    columns = [predictions.c[name] for name in COLUMNS]
    latest = select(*columns).order_by(predictions.c.seq.desc()).limit(POOL_ROWS).subquery()
    answered = select(feedback.c.seq).where(feedback.c.prediction_id == latest.c.id)
    lent = select(reviews.c.prediction_id).where(reviews.c.prediction_id == latest.c.id)
    query = select(latest).where(latest.c.version == version)
    query = query.where(latest.c.embedding_id == embedding_id)
    return connection.execute(query.where(~answered.exists(), ~lent.exists())).all()


def _make_pool(rows: Sequence[Any], others: Others) -> Pool:
    vectors = np.array([unpack(row.vector) for row in rows])
    return Pool(
        [row.id for row in rows],
        vectors,
        np.array([unpack(row.probabilities) for row in rows]),
        np.array([row.pca_residual for row in rows]),
        None if others is None else others(vectors),
    )


def give_back(connection: Connection, prediction_id: str) -> None:
    """Others may be asked about it again, if it was lent."""
    lent = (reviews.c.prediction_id == prediction_id) & (reviews.c.until != SKIPPED)
    connection.execute(delete(reviews).where(lent))


def skip(connection: Connection, prediction_id: str) -> None:
    """Nobody is asked about it again."""
    connection.execute(delete(reviews).where(reviews.c.prediction_id == prediction_id))
    connection.execute(insert(reviews).values(prediction_id=prediction_id, until=SKIPPED))
