"""Keeps predictions in a file while the store is away, so that they outlive the process.

Each worker has a file of its own. A frame in it holds the rows of one group: length, checksum, then
msgpack. Rows may be sent to the store twice, for it ignores those that it has. If the file cannot
be written (a full disk), rows wait in memory.
"""

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from pipeline.store.records import PredictionRow

log = logging.getLogger(__name__)
HEAD = struct.Struct("<II")
SUFFIX = ".rows"
ROWS_AT_ONCE = 500
read_rows = msgspec.msgpack.Decoder(list[PredictionRow]).decode


class Spool:
    """The writer and its watchdog add rows; the writer alone takes them out."""

    def __init__(
        self, folder: Path, most_rows: int = 100_000, most_bytes: int = 500_000_000
    ) -> None:
        self._folder = folder
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._lock = threading.Lock()
        self._memory: deque[list[PredictionRow]] = deque()
        self._file: IO[bytes] | None = None
        self._end = 0  # of the last whole frame in the file
        self._done = 0  # up to here the file is in the store
        self._after = 0  # where the frames end that `peek` returned
        self._groups = 0  # how many groups in memory `peek` returned
        self._bytes_in_memory = 0
        self.rows = 0

    @property
    def full(self) -> bool:
        waiting = self._end - self._done + self._bytes_in_memory
        return self.rows >= self._most_rows or waiting >= self._most_bytes

    def recover(self) -> None:
        """Take over the files of processes that have ended."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            with path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # its worker lives
                    continue
                for rows in _read_groups(file):
                    self.add(rows)
                path.unlink()
        if self.rows:
            log.info("%d predictions of an earlier run wait for the store", self.rows)

    def add(self, rows: list[PredictionRow]) -> None:
        """Keep rows. They are on disk when this returns, unless the disk is full."""
        content = msgspec.msgpack.encode(rows)
        frame = HEAD.pack(len(content), zlib.crc32(content)) + content
        with self._lock:
            self.rows += len(rows)
            try:
                self._append(frame)
            except OSError as error:
                log.error("Predictions wait in memory only: %s", error)
                self._memory.append(rows)
                self._bytes_in_memory += len(frame)

    def _append(self, frame: bytes) -> None:
        file = self._file = self._file or self._create()
        try:
            file.seek(self._end)
            if file.write(frame) < len(frame):
                raise OSError(errno.ENOSPC, "the disk is full")
            os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(self._end)
            raise
        self._end += len(frame)

    def _create(self) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        file = path.open("xb+", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def peek(self) -> list[PredictionRow]:
        """The oldest rows; groups are joined, because each write to the store costs a sync."""
        rows: list[PredictionRow] = []
        with self._lock:
            self._groups, self._after = 0, self._done
            while self._groups < len(self._memory) and len(rows) < ROWS_AT_ONCE:
                rows += self._memory[self._groups]
                self._groups += 1
            if self._file is not None:
                self._file.seek(self._done)
                while self._after < self._end and len(rows) < ROWS_AT_ONCE:
                    size, _ = HEAD.unpack(self._file.read(HEAD.size))
                    rows += read_rows(self._file.read(size))
                    self._after += HEAD.size + size
        return rows

    def discard(self, rows: Sequence[PredictionRow]) -> None:
        """Drop the rows that `peek` returned, which are in the store now."""
        with self._lock:
            self.rows -= len(rows)
            for _ in range(self._groups):
                self._memory.popleft()
            if not self._memory:
                self._bytes_in_memory = 0
            self._groups, self._done = 0, self._after
            if self._file is not None and self._done >= self._end:
                self._file.truncate(0)
                self._done = self._end = 0

    def others_pending(self) -> bool:
        """Whether another worker, living or not, holds rows that are not in the store yet."""
        own = None if self._file is None else Path(str(self._file.name))
        return any(path != own and _size(path) for path in self._folder.glob(f"*{SUFFIX}"))

    def close(self) -> None:
        """Leave the file to the next process, or delete it if it is empty."""
        with self._lock:
            if self._file is not None:
                if not self._end:
                    Path(str(self._file.name)).unlink(missing_ok=True)
                self._file.close()
                self._file = None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # its worker has written everything to the store
        return 0


def _read_groups(file: IO[bytes]) -> Iterator[list[PredictionRow]]:
    """The rows of several frames at a time, because each group costs a sync."""
    group: list[PredictionRow] = []
    for rows in _read_frames(file):
        group += rows
        if len(group) >= ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _read_frames(file: IO[bytes]) -> Iterator[list[PredictionRow]]:
    """All whole frames. The rows of a torn one at the end were never answered."""
    while len(head := file.read(HEAD.size)) == HEAD.size:
        size, checksum = HEAD.unpack(head)
        content = file.read(size)
        if len(content) < size or zlib.crc32(content) != checksum:
            return
        yield read_rows(content)
