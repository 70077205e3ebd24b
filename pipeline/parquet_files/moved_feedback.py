"""Feedback whose vectors were moved to Parquet, read as if it were in the store.

A moved row stays in the store without its vector and observation. So the store alone says which
targets are valid, who was erased, and how many rows there are; the files only add the vectors.
Feedback is moved in the order of `seq`: what is moved is a beginning of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Engine, select

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.objects.object_store import ObjectStore, ObjectsUnavailable
from pipeline.parquet_files.file_records import (
    FEEDBACK,
    HistoryFile,
    find_file,
    live_files,
    open_history,
    seq_key,
)
from pipeline.parquet_files.parquet_rows import kept_rows, load, packed_lists, stacked
from pipeline.store.corrections import is_moved
from pipeline.store.tables import feedback


class HistoryDamaged(ObjectsUnavailable):
    """A file of the history is not what its record says."""


@dataclass(frozen=True)
class FeedbackBlock:
    """Rows in the order of their seq."""

    seqs: Indices
    ids: list[str]
    vectors: Numbers
    targets: Labels
    predictions: Labels

    def __len__(self) -> int:
        return len(self.seqs)


def moved_blocks(
    connection: Connection, embedding_id: str, after: int = 0
) -> Iterator[FeedbackBlock]:
    """The moved rows after a seq, a file at a time, in a snapshot of the caller's."""
    wanted = feedback.c.seq > after
    for file in live_files(connection, FEEDBACK, after=seq_key(after)):
        yield from _read_rows(connection, file, embedding_id, wanted)


def look_up_moved(
    connection: Connection, embedding_id: str, seqs: Indices
) -> Iterator[FeedbackBlock]:
    """Of the moved rows those of some numbers, which are sorted."""
    for file in live_files(connection, FEEDBACK):
        begin, end = np.searchsorted(seqs, [int(file.begin_key), int(file.end_key) + 1])
        if begin < end:
            wanted = feedback.c.seq.in_(seqs[begin:end].tolist())
            yield from _read_rows(connection, file, embedding_id, wanted)


def _read_rows(
    connection: Connection, file: HistoryFile, embedding_id: str, wanted: ColumnElement[bool]
) -> Iterator[FeedbackBlock]:
    inside = feedback.c.seq.between(int(file.begin_key), int(file.end_key))
    names = ("seq", "id", "target", "prediction")
    query = select(*(feedback.c[name] for name in names)).where(wanted, inside, is_moved())
    query = query.where(feedback.c.embedding_id == embedding_id).order_by(feedback.c.seq)
    if rows := connection.execute(query).all():
        objects = open_history(connection.engine)
        yield from _joined(load_file(objects, connection.engine, file, ("seq", "vector")), rows)


def _joined(table: Any, rows: Any) -> Iterator[FeedbackBlock]:
    """The rows of the store that are in the file: those that were erased meanwhile are not."""
    inside = np.asarray(table["seq"])
    seqs = np.array([row.seq for row in rows], dtype=np.int64)
    table = kept_rows(table, np.isin(inside, seqs))
    rows = [row for row, there in zip(rows, np.isin(seqs, inside), strict=True) if there]
    if rows:
        yield FeedbackBlock(
            np.asarray(table["seq"]),
            [row.id for row in rows],
            stacked(table["vector"]),
            np.array([row.target for row in rows], dtype=np.str_),
            np.array([row.prediction for row in rows], dtype=np.str_),
        )


def load_file(
    objects: ObjectStore, engine: Engine, file: HistoryFile, columns: tuple[str, ...] | None = None
) -> Any:
    """The rows of a file. Erasing may have put another in its place since it was looked up."""
    table = load(objects, file.name, columns)
    if table is not None and table.num_rows == file.rows:
        return table
    with engine.execution_options(readonly=True).connect() as connection:
        now = find_file(connection, file.kind, file.begin_key)
    if now is not None and now.name != file.name:
        return load_file(objects, engine, now, columns)
    raise HistoryDamaged(
        f"{objects.url}: {file.name} is {'missing' if table is None else 'damaged'}, though the "
        f"records name it. Bring it back from a backup."
    )


class MovedVectors:
    """The vectors of moved feedback by seq, for those who read rows one after the other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._load = lru_cache(maxsize=1)(self._read)

    def find(self, connection: Connection, begin: int, end: int) -> dict[int, bytes]:
        """Of the rows from one seq to another."""
        found: dict[int, bytes] = {}
        for file in live_files(connection, FEEDBACK, after=seq_key(begin - 1)):
            if file.begin_key > seq_key(end):
                break
            found |= self._load(file)
        return found

    def find_first(self, connection: Connection) -> None:
        """Raise what whoever reads moved rows now would."""
        for file in live_files(connection, FEEDBACK)[:1]:
            self._load(file)

    def _read(self, file: HistoryFile) -> dict[int, bytes]:
        table = load_file(open_history(self._engine), self._engine, file, ("seq", "vector"))
        vectors = (one or b"" for one in packed_lists(table["vector"]))
        return dict(zip(table["seq"].to_pylist(), vectors, strict=True))
