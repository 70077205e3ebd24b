"""The file of events from the store, which is also the record of how far the store was read.

A writer continues after the last lines of the file, so nothing is written twice or left out when it
is killed. One process writes at a time.
"""

import fcntl
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pipeline.events.reading import Progress
from pipeline.events.rotated_file import RotatedFile
from pipeline.events.schema import Event

NAME = "events"


class Journal:
    """A context, open for one writer."""

    def __init__(self, folder: Path, most_bytes: int, keep: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._keep = keep
        self._file: RotatedFile | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / ".lock").open("w")

    def take(self) -> bool:
        """Take the lock. Returns False if another process has it."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def open(self) -> Progress:
        """Open the file, and return how far the store was read."""
        self._file = RotatedFile(self._folder, NAME, self._most_bytes, self._keep)
        progress = Progress()
        for event in self._file.read_back():
            progress.note(event)
        return progress

    def append(self, events: Sequence[Event]) -> None:
        if self._file is not None:
            self._file.append(events)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
