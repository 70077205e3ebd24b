"""Moves old rows out of the store into Parquet files, each row once, whatever is killed.

One batch at a time: say which file is about to be written, write it, then let it count in the
transaction that takes its rows out of the store. Before that the store has the rows, after it the
file; `clear_leftovers` deletes what lies between. Used by scripts/records/history.py.
"""

import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, bindparam, delete, select, update

from pipeline.parquet_files.file_records import (
    PREDICTIONS,
    HistoryFile,
    LostFile,
    begin_file,
    clear_leftovers,
    open_history,
    publish,
    write_object,
)
from pipeline.parquet_files.parquet_rows import encode, make_table
from pipeline.parquet_history.history_lock import WAIT_SECONDS, history_lock
from pipeline.parquet_history.old_rows import OldRows, next_feedback, next_predictions
from pipeline.store.corrections import has_vector
from pipeline.store.database import overwriting
from pipeline.store.encoding import digest_observation
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.records import first_id
from pipeline.store.state import follow_predictions
from pipeline.store.tables import (
    feedback,
    predictions,
    previews,
    request_ids,
    reviews,
    subjects,
)

FILE_ROWS = 5_000  # writers wait while so many rows are taken out
PAUSE_SECONDS = 0.03  # between two files, for whoever waits to write or to erase


class HistoryMover:
    """Moves what is older than a moment, but for the latest rows of feedback."""

    def __init__(self, engine: Engine, before: float, kept: int, rows: int = FILE_ROWS) -> None:
        self._engine = engine
        self._objects = open_history(engine)
        self._before = before
        self._kept = kept
        self._rows = rows

    def run(self, moved: Callable[[HistoryFile], None] = lambda _file: None) -> int:
        """Until nothing is left; returns how many rows were moved.

        Raises HistoryBusy where another process is at it; who erases meanwhile is waited for.
        """
        total = 0
        while (file := self.step(WAIT_SECONDS if total else 0.0)) is not None:
            moved(file)
            total += file.rows
            time.sleep(PAUSE_SECONDS)
        return total

    def step(self, patience: float = 0.0) -> HistoryFile | None:
        """Move the next rows; None where there are none. Feedback goes first."""
        with history_lock(self._engine, patience):
            clear_leftovers(self._engine)
            while (found := self._find()) is not None:
                try:
                    return self._move(found)
                except LostFile:  # answered just now: what is old is looked up anew
                    clear_leftovers(self._engine)
        return None

    def _find(self) -> OldRows | None:
        with self._engine.execution_options(readonly=True).connect() as connection:
            found = next_feedback(connection, self._before, self._rows, self._kept)
            return found or next_predictions(connection, self._before, self._rows)

    def _move(self, found: OldRows) -> HistoryFile:
        table = make_table(found.kind, found.columns)
        file, content = encode(found.kind, found.day, found.ends, table)
        with self._engine.begin() as connection:
            file = begin_file(connection, file)
        write_object(self._objects, file.name, content)
        with overwriting(self._engine) as connection:
            lock_feedback_counter(connection)  # nothing is answered meanwhile
            publish(connection, [file])
            connection.execute(
                delete(reviews).where(reviews.c.prediction_id < first_id(self._before))
            )
            take = _take_predictions if found.kind == PREDICTIONS else _take_feedback
            if take(connection, found) != file.rows:
                raise LostFile(f"The rows of {file.name} have changed meanwhile.")
            follow_predictions(connection)
        return file


def _take_predictions(connection: Connection, found: OldRows) -> int:
    answered = select(feedback.c.seq).where(feedback.c.prediction_id.in_(found.keys))
    if connection.execute(answered.limit(1)).first() is not None:
        return 0
    connection.execute(delete(subjects).where(subjects.c.prediction_id.in_(found.keys)))
    return _forget(connection, found.keys)


def _take_feedback(connection: Connection, found: OldRows) -> int:
    """What is left of a row tells its target, its subject, and replays from contradictions."""
    ids, seen = found.columns["prediction_id"], found.columns["observation"]
    digests = [
        {"mine": seq, "observation_digest": digest_observation(content)}
        for seq, number, content in zip(found.columns["seq"], ids, seen, strict=True)
        if number is None and content is not None
    ]
    if digests:
        connection.execute(update(feedback).where(feedback.c.seq == bindparam("mine")), digests)
    begin, end = (int(key) for key in found.ends)
    mine = feedback.c.seq.between(begin, end) & has_vector()
    _forget(connection, [number for number in ids if number is not None])
    return connection.execute(
        update(feedback).where(mine).values(vector=b"", observation=None)
    ).rowcount


def _forget(connection: Connection, ids: list[str]) -> int:
    for table in (request_ids, previews):
        connection.execute(delete(table).where(table.c.prediction_id.in_(ids)))
    return connection.execute(delete(predictions).where(predictions.c.id.in_(ids))).rowcount
