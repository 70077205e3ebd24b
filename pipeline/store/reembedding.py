"""Brings what is on record to another embedding, from the stored raw observations.

Each part is a transaction of its own, so that serving can write in between, and every row says
which embedding its vector is of. So it can be cut short anywhere, and be begun again.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, Engine, Table, bindparam, func, select, update

from pipeline.arrays import Numbers
from pipeline.data.observation import InvalidObservation
from pipeline.embedding.embedding import Embedding
from pipeline.progress import Progress, no_progress
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.raw_feedback import decode, observed, with_predictions
from pipeline.store.tables import feedback, predictions

CHUNK = 1_000


def reembed_stale_rows(
    engine: Engine, embedding: Embedding, progress: Progress = no_progress
) -> int:
    """Give every prediction and every feedback its vector; returns the rows that are left.

    Predictions first: feedback that comes meanwhile takes its vector from there. Feedback that took
    one before is waited for: its writer holds the lock until it commits.
    """
    total = count_stale_rows(engine, embedding.embedding_id)
    done = 0
    for table in (predictions, feedback):
        last, rows = 0, True
        while rows:
            with engine.begin() as connection:
                lock_feedback_counter(connection)
                found = _read(connection, table, embedding.embedding_id, last)
                _write(connection, table, embedding, found)
            rows = bool(found)
            if found:
                last, done = found[-1].seq, done + len(found)
                progress("embedding", done / max(done, total))  # more may have come
    return count_stale_rows(engine, embedding.embedding_id)


def count_stale_rows(engine: Engine, embedding_id: str) -> int:
    """Rows whose vectors are of another embedding."""
    with engine.execution_options(readonly=True).connect() as connection:
        queries = [
            select(func.count()).where(table.c.embedding_id != embedding_id)
            for table in (predictions, feedback)
        ]
        return sum(int(connection.scalar(query) or 0) for query in queries)


def _read(connection: Connection, table: Table, embedding_id: str, after: int) -> Sequence[Any]:
    foreign = (table.c.embedding_id != embedding_id) & (table.c.seq > after)
    if table is feedback:
        query = select(table.c.seq, observed()).select_from(with_predictions())
    else:
        query = select(table.c.seq, table.c.observation)
    return connection.execute(query.where(foreign).order_by(table.c.seq).limit(CHUNK)).all()


def _write(
    connection: Connection, table: Table, embedding: Embedding, found: Sequence[Any]
) -> None:
    read = [(row.seq, row.observation) for row in found]
    decoded = {seq: row for seq, seen in read if (row := _decode(embedding, seen)) is not None}
    if not decoded:
        return
    embedded = _embed(embedding, np.array(list(decoded.values())))
    written = [
        {"place": seq, "vector": pack(vector), "pca_residual": residual}
        for seq, (vector, residual) in zip(decoded, embedded, strict=True)
        if vector is not None
    ]
    if written:
        values: dict[str, Any] = {name: bindparam(name) for name in ("vector", "pca_residual")}
        statement = update(table).where(table.c.seq == bindparam("place"))
        connection.execute(statement.values(**values, embedding_id=embedding.embedding_id), written)


def _decode(embedding: Embedding, observation: bytes | None) -> list[float] | None:
    """None for one of other features, or none: it stays as it is, and is counted as left."""
    if observation is None:
        return None
    try:
        return decode(embedding.schema, observation)
    except (InvalidObservation, msgspec.MsgspecError):
        return None


def _embed(embedding: Embedding, rows: Numbers) -> list[tuple[Numbers | None, float]]:
    """Vector and residual of each row; None for one that lies too far from the data."""
    try:
        vectors, residuals = embedding.embed(rows)
    except InvalidObservation:
        if len(rows) == 1:
            return [(None, 0.0)]
        return [pair for row in rows for pair in _embed(embedding, row[None])]
    return list(zip(vectors, residuals.tolist(), strict=True))
