"""Erases rows from the store and from the Parquet files, all of them or none.

Each file with such rows is written anew without them, under another name. One transaction then puts
the new files in the place of the old ones, empties the rows of the store, and notes that it was
done; the old objects are deleted after it. A kill before that transaction leaves all as it was, one
after it leaves objects that the next run deletes. Used by scripts/records/erase.py.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, select

from pipeline.history.subjects import Erased, erase_rows, ids_of
from pipeline.objects.object_store import ObjectStore
from pipeline.parquet_files.file_records import (
    FEEDBACK,
    PREDICTIONS,
    HistoryFile,
    begin_file,
    clear_leftovers,
    live_files,
    open_history,
    publish,
    retire,
    write_object,
)
from pipeline.parquet_files.moved_feedback import load_file
from pipeline.parquet_files.parquet_rows import encode, kept_rows
from pipeline.parquet_history.history_lock import WAIT_SECONDS, history_lock
from pipeline.parquet_history.reading import Names, RecordedRow, file_rows, has_value, stored_rows
from pipeline.parquet_history.store_rows import select_answered, select_unanswered
from pipeline.store.database import overwriting, snapshot
from pipeline.store.tables import erasures, feedback, predictions


@dataclass(frozen=True)
class Criterion:
    """What is to be erased: by subject, by prediction, or by a feature's value."""

    subject: str | None = None
    prediction_id: str | None = None
    where: tuple[str, str] | None = None

    def describe(self) -> str:
        """What may be kept: no value, for it may tell of a person."""
        if self.where is not None:
            return f"feature {self.where[0]}"
        return "subject" if self.subject is not None else "prediction"

    def takes(self, row: RecordedRow, names: Names) -> bool:
        if self.where is not None:
            return has_value(row, names, *self.where)
        if self.subject is not None:
            return row.subject == self.subject
        return row.prediction_id == self.prediction_id


@dataclass
class Found:
    """What is erased: predictions by id, feedback by seq, and files by what takes their place."""

    ids: set[str] = field(default_factory=set)
    seqs: set[int] = field(default_factory=set)
    old: list[HistoryFile] = field(default_factory=list)
    new: list[HistoryFile] = field(default_factory=list)

    def add(self, row: RecordedRow) -> None:
        if row.prediction_id is not None:
            self.ids.add(row.prediction_id)
        if row.seq is not None:
            self.seqs.add(row.seq)


def erase(engine: Engine, criterion: Criterion, names: Names, actor: str) -> Erased:
    """Returns what was erased. Waits a minute for others at the history, then raises HistoryBusy.

    By a feature's value, rows that come in meanwhile are left to the next run.
    """
    with history_lock(engine, WAIT_SECONDS):
        clear_leftovers(engine)
        found = Found()
        with snapshot(engine) as connection:
            files = [f for kind in (PREDICTIONS, FEEDBACK) for f in live_files(connection, kind)]
            if criterion.where is not None:
                _search_store(connection, criterion, names, found)
        if files:
            _rewrite(engine, open_history(engine), files, criterion, names, found)
        with overwriting(engine) as connection:
            found.ids |= set(connection.scalars(_stored_ids(criterion)))
            retire(connection, found.old)
            publish(connection, found.new)
            erased = erase_rows(connection, found.ids, found.seqs, actor)
            _note(connection, criterion, actor, erased)
        clear_leftovers(engine)
    return erased


def _search_store(connection: Connection, criterion: Criterion, names: Names, found: Found) -> None:
    for query in (select_unanswered(), select_answered()):
        for block in stored_rows(connection, query):
            for row in block:
                if criterion.takes(row, names):
                    found.add(row)


def _stored_ids(criterion: Criterion) -> Any:
    """The predictions that the store knows without looking at every row."""
    if criterion.subject is not None:
        return ids_of(criterion.subject)
    wanted = criterion.prediction_id or ""
    known = select(predictions.c.id).where(predictions.c.id == wanted)
    return known.union(select(feedback.c.prediction_id).where(feedback.c.prediction_id == wanted))


def _rewrite(
    engine: Engine,
    objects: ObjectStore,
    files: list[HistoryFile],
    criterion: Criterion,
    names: Names,
    found: Found,
) -> None:
    """Write the files that are to take the place of others."""
    for file, table, hit in _hits(engine, objects, files, criterion, names, found):
        found.old.append(file)
        if hit.all():
            continue
        left = kept_rows(table, ~hit)
        new, content = encode(file.kind, file.day, (file.begin_key, file.end_key), left)
        with engine.begin() as connection:
            new = begin_file(connection, new)
        write_object(objects, new.name, content)
        found.new.append(new)


def _hits(
    engine: Engine,
    objects: ObjectStore,
    files: list[HistoryFile],
    criterion: Criterion,
    names: Names,
    found: Found,
) -> Iterator[tuple[HistoryFile, Any, Any]]:
    """The files that hold such rows, and which rows of them."""
    for file in files:
        table = load_file(objects, engine, file)
        rows = list(file_rows(table))
        hit = np.array([criterion.takes(row, names) for row in rows], dtype=np.bool_)
        if hit.any():
            for place in np.flatnonzero(hit):
                found.add(rows[place])
            yield file, table, hit


def _note(connection: Connection, criterion: Criterion, actor: str, erased: Erased) -> None:
    if erased.predictions or erased.answers:
        told = {"criterion": criterion.describe(), "at": time.time(), "actor": actor}
        connection.execute(insert(erasures).values(**told, **vars(erased)))
