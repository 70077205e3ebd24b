"""Reads what was moved and what the store still holds together, each row once. Used by commands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Select, select

from pipeline.objects.object_store import ObjectStore
from pipeline.parquet_files.file_records import (
    FEEDBACK,
    PREDICTIONS,
    HistoryFile,
    live_files,
    open_history,
)
from pipeline.parquet_files.moved_feedback import load_file
from pipeline.parquet_files.parquet_rows import COLUMNS, packed_lists
from pipeline.parquet_history.old_rows import day_of
from pipeline.parquet_history.store_rows import select_answered, select_unanswered
from pipeline.store.corrections import is_moved
from pipeline.store.database import snapshot
from pipeline.store.encoding import unpack
from pipeline.store.tables import feedback

BLOCK = 5_000
Names = Mapping[str, Sequence[str]]  # of the values of an observation, by embedding id


@dataclass(frozen=True)
class RecordedRow:
    """A prediction, with its answer if there is one. Feedback alone has no `prediction_id`."""

    prediction_id: str | None
    at: float
    version: str | None
    embedding_id: str
    observation: str | bytes | None
    prediction: str
    probabilities: bytes | None
    subject: str | None
    seq: int | None = None
    feedback_id: str | None = None
    answered_at: float | None = None
    target: str | None = None

    def values(self) -> Sequence[Any]:
        """What was observed; empty where it cannot be read."""
        try:
            found = msgspec.json.decode(self.observation or b"")
        except msgspec.DecodeError:
            return []
        return found if isinstance(found, list) else []

    def confidence(self) -> float | None:
        return float(unpack(self.probabilities).max()) if self.probabilities else None


FIELDS = tuple(RecordedRow.__dataclass_fields__)


@dataclass(frozen=True)
class Filter:
    """Which rows; times are those of the prediction."""

    begin: float | None = None
    end: float | None = None
    label: str | None = None
    version: str | None = None
    where: tuple[str, str] | None = None  # a feature and its value
    labelled: bool = False

    def takes(self, row: RecordedRow, names: Names) -> bool:
        return (
            (self.begin is None or row.at >= self.begin)
            and (self.end is None or row.at < self.end)
            and (self.label is None or row.prediction == self.label)
            and (self.version is None or row.version == self.version)
            and (self.where is None or has_value(row, names, *self.where))
        )

    def opens(self, file: HistoryFile) -> bool:
        """Feedback has the day of the answer, which is never before that of its prediction."""
        if self.begin is not None and file.day < day_of(self.begin):
            return False
        late = self.end is not None and file.day > day_of(self.end)
        return not (late and file.kind == PREDICTIONS)


def has_value(row: RecordedRow, names: Names, feature: str, value: str) -> bool:
    """Numbers are compared as numbers; an empty text is a missing value."""
    known = names.get(row.embedding_id, ())
    found = dict(zip(known, row.values(), strict=False)).get(feature) if feature in known else value
    return feature in known and is_value(found, value)


def is_value(found: Any, value: str) -> bool:
    if found is None or isinstance(found, str):
        return (found or "") == value
    if isinstance(found, bool):
        return str(found).lower() == value.lower()
    try:
        return float(found) == float(value)
    except ValueError:
        return False


def read_history(engine: Engine, wanted: Filter, names: Names) -> Iterator[RecordedRow]:
    """What was moved first, then the store, all as of one moment."""
    with snapshot(engine) as connection:
        for block in _blocks(engine, connection, wanted):
            yield from (row for row in block if wanted.takes(row, names))


def _blocks(
    engine: Engine, connection: Connection, wanted: Filter
) -> Iterator[Sequence[RecordedRow]]:
    kinds = (FEEDBACK,) if wanted.labelled else (PREDICTIONS, FEEDBACK)
    files = [file for kind in kinds for file in live_files(connection, kind) if wanted.opens(file)]
    objects = open_history(engine) if files else None
    for file in files:
        if objects is not None:
            yield list(read_file(objects, connection, file))
    if not wanted.labelled:
        yield from stored_rows(connection, select_unanswered())
    yield from stored_rows(connection, select_answered())


def stored_rows(connection: Connection, query: Select[Any]) -> Iterator[Sequence[RecordedRow]]:
    """The rows that the store still holds whole, by blocks."""
    found = connection.execution_options(yield_per=BLOCK).execute(query)
    keys = [name for name in found.keys() if name in FIELDS]  # noqa: SIM118  # no mapping
    for block in found.partitions():
        yield [RecordedRow(**{name: getattr(row, name) for name in keys}) for row in block]


def read_file(
    objects: ObjectStore, connection: Connection, file: HistoryFile
) -> Iterator[RecordedRow]:
    """Of feedback the store knows the target, and what was erased since."""
    rows = file_rows(load_file(objects, connection.engine, file))
    if file.kind == PREDICTIONS:
        yield from rows
        return
    query = select(feedback.c.seq, feedback.c.target).where(is_moved())
    within = feedback.c.seq.between(int(file.begin_key), int(file.end_key))
    targets = {row.seq: row.target for row in connection.execute(query.where(within))}
    for row in rows:
        if row.seq in targets:
            yield RecordedRow(**{**vars(row), "target": targets[row.seq]})


def file_rows(table: Any) -> Iterator[RecordedRow]:
    """The rows of a file as they were moved."""
    names = [name for name in FIELDS if name in table.column_names]
    lists = [name for name in names if COLUMNS[PREDICTIONS].get(name) == "numbers"]
    columns = [
        packed_lists(table[name]) if name in lists else table[name].to_pylist() for name in names
    ]
    for values in zip(*columns, strict=True):
        yield RecordedRow(**dict(zip(names, values, strict=True)))
