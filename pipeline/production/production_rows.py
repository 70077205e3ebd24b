"""The labelled rows of production: read from the store, split into what trains and what judges."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, func, or_, select

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.parquet_files.moved_feedback import FeedbackBlock, look_up_moved, moved_blocks
from pipeline.store.corrections import has_vector
from pipeline.store.database import snapshot
from pipeline.store.tables import feedback

ROWS_A_BLOCK, ROWS_A_LOOKUP = 50_000, 5_000
COLUMNS = [feedback.c[name] for name in ("seq", "id", "vector", "target", "prediction")]
QUERY = select(*COLUMNS).where(has_vector()).order_by(feedback.c.seq)
EVALUATION_SHARE = 5  # one row in so many judges before it trains


@dataclass(frozen=True)
class ProductionRows:
    """Feedback in the order in which it came."""

    seqs: Indices
    values: Numbers
    targets: Labels
    evaluation: NDArray[np.bool_]  # one in five, settled by the id
    errors: NDArray[np.bool_]  # whether the prediction of the time was wrong

    def __len__(self) -> int:
        return len(self.seqs)

    def where(self, kept: Any) -> "ProductionRows":
        columns = (self.seqs, self.values, self.targets, self.evaluation, self.errors)
        return ProductionRows(*(column[kept] for column in columns))

    def in_order(self) -> "ProductionRows":
        return self.where(np.argsort(self.seqs))

    def judges(self, most: int) -> NDArray[np.bool_]:
        """The latest evaluation rows: no version was trained on them. Older ones are trained on."""
        latest = np.zeros(len(self), dtype=np.bool_)
        flagged = np.flatnonzero(self.evaluation)
        latest[flagged[max(0, len(flagged) - most) :]] = True
        return latest


def read_production_rows(
    engine: Engine, embedding_id: str, after: int = 0, most: int | None = None
) -> ProductionRows:
    """Feedback after a row, what was moved to the history too: all as of one moment.

    Rows of another embedding are refused, never mixed in.
    """
    with snapshot(engine) as connection:
        _refuse_strangers(connection, embedding_id)
        return join_rows(list(_read_blocks(connection, embedding_id, after, most)))


def _read_blocks(
    connection: Connection, embedding_id: str, after: int, most: int | None
) -> Iterator[ProductionRows]:
    left = most
    for moved in moved_blocks(connection, embedding_id, after):
        block = _take_moved(moved).where(slice(left))
        yield block
        left = None if left is None else left - len(block)
        if left == 0:
            return
    query = QUERY.where(feedback.c.seq > after).limit(left)
    rows = connection.execution_options(yield_per=ROWS_A_BLOCK).execute(query)
    yield from (_read_block(block) for block in rows.partitions())


def look_up_rows(engine: Engine, embedding_id: str, seqs: Indices) -> ProductionRows:
    """Feedback by its numbers, which are sorted; what was erased is left out."""
    with snapshot(engine) as connection:
        _refuse_strangers(connection, embedding_id)
        moved = look_up_moved(connection, embedding_id, seqs)
        blocks = [_take_moved(block) for block in moved]
        for start in range(0, len(seqs), ROWS_A_LOOKUP):
            wanted = feedback.c.seq.in_(seqs[start : start + ROWS_A_LOOKUP].tolist())
            if rows := connection.execute(QUERY.where(wanted)).all():
                blocks.append(_read_block(rows))
    return join_rows(blocks)


def _take_moved(block: FeedbackBlock) -> ProductionRows:
    evaluation = np.array([is_evaluation(one) for one in block.ids], dtype=np.bool_)
    errors = block.predictions != block.targets
    return ProductionRows(block.seqs, block.vectors, block.targets, evaluation, errors)


def _refuse_strangers(connection: Connection, embedding_id: str) -> None:
    name = feedback.c.embedding_id
    foreign = or_(name < embedding_id, name > embedding_id)  # != would look at every row
    strangers = connection.scalar(select(func.count()).where(foreign))
    if strangers:
        raise EmbeddingMismatch(
            f"{strangers} feedback rows are of another embedding than {embedding_id}: "
            f"put the data back that they were given on, or start anew with make fresh."
        )


def _read_block(rows: Sequence[Any]) -> ProductionRows:
    """Some rows as arrays, so that a million of them never stand in memory as objects."""
    seqs, ids, vectors, targets, predictions = zip(*rows, strict=True)
    values = np.frombuffer(b"".join(vectors), dtype="<f8")
    return ProductionRows(
        np.array(seqs, dtype=np.int64),
        values.reshape(len(rows), -1),
        np.array(targets, dtype=np.str_),
        np.array([is_evaluation(one) for one in ids], dtype=np.bool_),
        np.array(predictions, dtype=np.str_) != np.array(targets, dtype=np.str_),
    )


def join_rows(blocks: Sequence[ProductionRows]) -> ProductionRows:
    blocks = [block for block in blocks if len(block)]
    if not blocks:
        none = np.zeros(0, dtype=np.int64)
        return ProductionRows(
            none, np.zeros((0, 1)), np.zeros(0, dtype=np.str_), none > 0, none > 0
        )
    return ProductionRows(
        *(
            np.concatenate([getattr(b, name) for b in blocks])
            for name in ProductionRows.__annotations__
        )
    )


def is_evaluation(feedback_id: str) -> bool:
    """Whether a row judges before it trains; settled by its id, the same for ever."""
    return zlib.crc32(feedback_id.encode()) % EVALUATION_SHARE == 0
