"""The rows of production that a training holds: the latest all, of the older ones a drawn part.

The drawn ones are first in a fixed shuffle, so a retry holds the same, and the next training most.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from sqlalchemy import Engine, func, select

from pipeline.arrays import Indices
from pipeline.production.production_rows import (
    EVALUATION_SHARE,
    ROWS_A_BLOCK,
    ProductionRows,
    join_rows,
    look_up_rows,
    read_production_rows,
)
from pipeline.production.shuffle import first, first_of_range
from pipeline.settings import Settings
from pipeline.store.database import lift_timeout
from pipeline.store.tables import feedback

WHOLE_SHARE = 4  # the latest of the rows that are held, one part in so many, are held all
LEAST_OF_LABEL = 1_000  # older rows of a label that are held, if there are so many


def read_sampled_rows(
    settings: Settings, engine: Engine, embedding_id: str, labels: Sequence[str]
) -> ProductionRows:
    """All rows, or as many as a training holds; besides them those of rare labels."""
    most, seed = settings.training.production_rows, settings.training.seed
    with engine.execution_options(readonly=True).connect() as connection:
        last = int(connection.scalar(select(func.max(feedback.c.seq))) or 0)
    if last <= most:
        return read_production_rows(engine, embedding_id)
    judging = 2 * EVALUATION_SHARE * settings.retraining.recent_rows  # all that judge are among it
    whole = min(most, max(judging, most // WHOLE_SHARE))
    since = last - whole + 1
    latest = read_production_rows(engine, embedding_id, since - 1)
    older = look_up_rows(engine, embedding_id, first_of_range(1, since, most - whole, seed))
    rare = [label for label in labels if (older.targets == label).sum() < LEAST_OF_LABEL]
    if rare:
        seqs = np.setdiff1d(_find_rows(engine, rare, since, seed), older.seqs)
        older = join_rows([older, look_up_rows(engine, embedding_id, seqs)]).in_order()
    return join_rows([older, latest])


def digest_of(seqs: Indices) -> str:
    """One text for the numbers of the rows that a version was trained on."""
    return hashlib.sha256(seqs.astype("<i8").tobytes()).hexdigest()


def _find_rows(engine: Engine, labels: Sequence[str], end: int, seed: int) -> Indices:
    """The numbers of rows of some labels before the end, of each label the first in the shuffle."""
    held = {label: np.zeros(0, dtype=np.int64) for label in labels}
    query = select(feedback.c.seq, feedback.c.target)
    query = query.where(feedback.c.seq < end, feedback.c.target.in_(labels))
    with engine.execution_options(readonly=True).connect() as connection:
        lift_timeout(connection)
        found = connection.execution_options(yield_per=ROWS_A_BLOCK).execute(query)
        for rows in found.partitions():
            seqs, targets = (np.array(column) for column in zip(*rows, strict=True))
            for label, known in held.items():
                both = np.concatenate([known, seqs[targets == label]])
                held[label] = first(both, LEAST_OF_LABEL, seed)
    return np.concatenate(list(held.values()))
