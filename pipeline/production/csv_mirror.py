"""`prod_data.csv`: the feedback in the course's columns, a mirror of the store that heals itself.

The store remembers how many rows and bytes the file should have and their checksum. A longer file
is cut back (a crash after the write), any other difference makes the file anew. So does a corrected
target, at most for a twentieth of the time.
"""

import contextlib
import fcntl
import logging
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, delete, insert, select

from pipeline.embedding.vectors import cells_of, csv_header, join_cells, quoted
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.parquet_files.moved_feedback import MovedVectors
from pipeline.settings import InvalidSetting
from pipeline.store.corrections import ERASED, count_corrections
from pipeline.store.database import snapshot
from pipeline.store.encoding import unpack
from pipeline.store.feedback_log import count_feedback
from pipeline.store.state import read_state, write_state
from pipeline.store.tables import feedback, mirror

log = logging.getLogger(__name__)
FILE = "prod_data.csv"
CORRECTIONS = "mirror_corrections"  # in the table `state`: those that the file holds
CHUNK = 2_000
RETRY_SECONDS = 60.0
REST = 20  # times as long as it took to make the file anew, corrections wait for the next time


@dataclass(frozen=True)
class Extent:
    """How much of the feedback a file holds."""

    rows: int = 0
    size: int = 0
    checksum: int = 0

    def extended(self, rows: int, content: bytes) -> "Extent":
        return Extent(
            self.rows + rows, self.size + len(content), zlib.crc32(content, self.checksum)
        )


class CsvMirror:
    """Keeps one file equal to the feedback table. One process at a time may do so."""

    def __init__(self, engine: Engine, path: Path, columns: Callable[[], Sequence[str]]) -> None:
        """`columns` tells the names of a vector's numbers when the file is begun."""
        self._engine = engine
        self._columns = columns
        self._path = path
        self._left: tuple[int, int, int] | None = None  # the file as this object left it
        self._extent = Extent()  # the same; the store's is that of any container's last keeper
        self._corrections: int | None = None  # those that the file holds
        self._moved = MovedVectors(engine)
        self._rested_at = 0.0
        self._held_until = 0.0

    def sync(self) -> int:
        """Bring the file up to date; returns the rows that it holds.

        What was moved to the history is needed only to make the file anew. While that cannot be
        read, a sound file goes on to grow and a damaged one stays as it is.
        """
        if time.monotonic() < self._held_until:
            return self._extent.rows
        try:
            return self._sync()
        except (ObjectsUnavailable, InvalidSetting) as error:
            log.warning("%s is not made anew: %s", FILE, error)
            self._rested_at = time.monotonic() + RETRY_SECONDS
            if self._left != _stamp(self._path):
                self._held_until = self._rested_at
            return self._extent.rows

    def _sync(self) -> int:
        with self._reading() as connection:
            recorded, rows = _recorded(connection), count_feedback(connection)
            corrections, held = count_corrections(connection), read_state(connection, CORRECTIONS)
        began = time.monotonic()
        if self._left is None or self._left != _stamp(self._path):
            self._extent = self._mend(recorded, rows)
            self._left = _stamp(self._path)
        if self._corrections is None:
            self._corrections = held
        stale = self._corrections != corrections and began >= self._rested_at
        if stale:
            self._extent, self._corrections = self._begin_anew(), corrections
        while self._extent.rows < rows:
            self._extent = self._append(self._extent)
        self._left = _stamp(self._path)
        if stale:
            self._record(self._extent)
            self._rested_at = time.monotonic() + REST * (time.monotonic() - began)
        return self._extent.rows

    def _mend(self, extent: Extent, rows: int) -> Extent:
        if extent.rows > rows or not self._cut_back(extent):
            return self._begin_anew()
        return extent

    def _begin_anew(self) -> Extent:
        with self._reading() as connection:
            self._moved.find_first(connection)  # an error here leaves the file as it is
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(b"")
        self._record(Extent())
        return Extent()

    def _cut_back(self, extent: Extent) -> bool:
        """Whether the file begins as recorded; what is beyond that is cut off."""
        try:
            with self._path.open("r+b") as file:
                checksum, left = 0, extent.size
                while left and (chunk := file.read(min(left, 1 << 20))):
                    checksum, left = zlib.crc32(chunk, checksum), left - len(chunk)
                if left or checksum != extent.checksum:
                    return False
                file.truncate(extent.size)
        except FileNotFoundError:
            return False
        return True

    def _append(self, extent: Extent) -> Extent:
        with self._reading() as connection:
            content, rows = _export(connection, self._moved, self._columns, extent.rows, CHUNK)
        with self._path.open("r+b") as file:  # taken away meanwhile: an error, and made anew
            file.seek(0, os.SEEK_END)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        extent = extent.extended(rows, content)
        self._record(extent)
        return extent

    def _record(self, extent: Extent) -> None:
        named = {"name": "prod_data", "rows": extent.rows, "size": extent.size}
        with self._engine.begin() as connection:
            connection.execute(delete(mirror))
            connection.execute(insert(mirror).values(**named, checksum=extent.checksum))
            if self._corrections is not None:
                write_state(connection, CORRECTIONS, self._corrections)

    def _reading(self) -> Any:
        return snapshot(self._engine)


@contextlib.contextmanager
def mirror_lock(folder: Path) -> Iterator[Callable[[], bool]]:
    """A function that tells whether this process is the one that keeps the file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{FILE}.lock").open("w") as file:

        def mine() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield mine


def export_feedback(connection: Connection, columns: Sequence[str]) -> bytes:
    """All of it as a CSV file, from the store alone."""
    parts, done, moved = [], 0, MovedVectors(connection.engine)
    while True:
        content, rows = _export(connection, moved, lambda: columns, done, CHUNK)
        parts.append(content)
        done += rows
        if rows < CHUNK:
            return b"".join(parts)


def _export(
    connection: Connection,
    moved: MovedVectors,
    columns: Callable[[], Sequence[str]],
    after: int,
    most: int,
) -> tuple[bytes, int]:
    query = select(feedback.c.seq, feedback.c.vector, feedback.c.target, feedback.c.prediction)
    found = connection.execute(
        query.where(feedback.c.seq > after).order_by(feedback.c.seq).limit(most)
    ).all()
    begin = csv_header(columns(), "target", "prediction") + b"\n" if found and not after else b""
    kept = [row for row in found if row.target != ERASED]
    away = [row.seq for row in kept if not row.vector]
    vectors = moved.find(connection, away[0], away[-1]) if away else {}
    return begin + _as_csv(kept, vectors), len(found)


def _as_csv(rows: Sequence[Any], moved: Mapping[int, bytes]) -> bytes:
    """A row without a vector was erased just now, and the file is made anew soon."""
    vectors = [row.vector or moved.get(row.seq, b"") for row in rows]
    whole = [place for place, vector in enumerate(vectors) if vector]
    if not whole:
        return b""
    numbers = unpack(b"".join(vectors)).reshape(len(whole), -1)
    labels = ([getattr(rows[place], name) for place in whole] for name in ("target", "prediction"))
    cells = (quoted(np.array(column, dtype=np.str_)) for column in labels)
    return b"\n".join([*join_cells(cells_of(numbers), *cells), b""])


def _recorded(connection: Connection) -> Extent:
    row = connection.execute(select(mirror).where(mirror.c.name == "prod_data")).first()
    return Extent(row.rows, row.size, row.checksum) if row else Extent()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
