"""Which Parquet files there are. A file counts from the moment that its record says `live`.

A record is written before its object and stays until the object is deleted, so that an object
without a record cannot be, whatever is killed. `writing` and `deleting` are what a kill left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from pipeline.objects.object_store import ObjectStore
from pipeline.objects.opening import open_objects
from pipeline.settings import InvalidSetting
from pipeline.store.tables import history_files

WRITING, LIVE, DELETING = "writing", "live", "deleting"
PREDICTIONS, FEEDBACK = "predictions", "feedback"


class LostFile(Exception):
    """Another process has taken this file's record meanwhile; nothing was changed."""


@dataclass(frozen=True)
class HistoryFile:
    """Rows of one kind and day, from one key to another: an id, or the seq of feedback."""

    name: str
    kind: str
    day: str
    begin_key: str
    end_key: str
    rows: int
    size: int
    id: int = 0


def seq_key(seq: int) -> str:
    """A number of feedback as a text that sorts like it."""
    return f"{seq:015d}"


def open_history(engine: Engine) -> ObjectStore:
    """The place that `store.history` named when the engine was made."""
    place = engine.get_execution_options().get("history", "")
    if not place:
        raise InvalidSetting("store.history is empty, and old rows were moved: name their place.")
    return open_objects(place)


def live_files(connection: Connection, kind: str, after: str = "") -> list[HistoryFile]:
    """Those that count and end after a key, in the order of their rows."""
    query = _select(LIVE).where(history_files.c.kind == kind, history_files.c.end_key > after)
    found = connection.execute(query.order_by(history_files.c.begin_key))
    return [_file(row) for row in found]


def find_file(connection: Connection, kind: str, begin_key: str) -> HistoryFile | None:
    """The one that counts now for the rows from a key on: erasing writes a file anew."""
    query = _select(LIVE).where(history_files.c.kind == kind)
    row = connection.execute(query.where(history_files.c.begin_key == begin_key)).first()
    return _file(row) if row is not None else None


def last_key(connection: Connection, kind: str) -> str:
    """Through which row a kind is moved; empty before the first."""
    of_kind = (history_files.c.kind == kind) & (history_files.c.state == LIVE)
    return str(connection.scalar(select(func.max(history_files.c.end_key)).where(of_kind)) or "")


def begin_file(connection: Connection, file: HistoryFile) -> HistoryFile:
    """Say that an object is about to be written."""
    values = {name: value for name, value in vars(file).items() if name != "id"}
    number = connection.scalar(
        insert(history_files).values(**values, state=WRITING).returning(history_files.c.id)
    )
    return HistoryFile(**values, id=int(number or 0))


def publish(connection: Connection, files: Iterable[HistoryFile]) -> None:
    """Let files count, in the transaction that takes their rows away elsewhere."""
    for file in files:
        _change(connection, file, WRITING, LIVE)


def retire(connection: Connection, files: Iterable[HistoryFile]) -> None:
    """Let files count no more; `clear_leftovers` deletes them."""
    for file in files:
        _change(connection, file, LIVE, DELETING)


def clear_leftovers(engine: Engine) -> int:
    """Delete what was retired, and what a kill left half done; one process at a time may."""
    with engine.begin() as connection:
        half = history_files.c.state == WRITING  # whoever writes it still can no longer publish it
        connection.execute(update(history_files).where(half).values(state=DELETING))
        left = [_file(row) for row in connection.execute(_select(DELETING))]
    if left:
        delete_files(engine, open_history(engine), left)
    return len(left)


def delete_files(engine: Engine, objects: ObjectStore, files: Sequence[HistoryFile]) -> None:
    for file in files:
        objects.delete(file.name)
        with engine.begin() as connection:
            mine = (history_files.c.id == file.id) & (history_files.c.state == DELETING)
            connection.execute(delete(history_files).where(mine))


def write_object(objects: ObjectStore, name: str, content: bytes) -> None:
    """The name tells the content; something else under it is what a broken write left."""
    if objects.create(name, content) is None:
        found = objects.read(name)
        if found is None or found.content != content:
            objects.write(name, content)


def _select(state: str) -> Any:
    return select(history_files).where(history_files.c.state == state)


def _file(row: Row[Any]) -> HistoryFile:
    return HistoryFile(**{name: value for name, value in row._mapping.items() if name != "state"})


def _change(connection: Connection, file: HistoryFile, before: str, after: str) -> None:
    mine = (history_files.c.id == file.id) & (history_files.c.state == before)
    if connection.execute(update(history_files).where(mine).values(state=after)).rowcount != 1:
        raise LostFile(f"{file.name} is not {before} any more.")
