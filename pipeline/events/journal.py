"""The file of what the store tells; it alone says what was written.

Its last lines tell how far the store was read, so that nothing is written twice or left out,
whenever the writer is killed. One process at a time writes.
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
        """Whether this process is the one that writes."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def open(self) -> Progress:
        """How far it was written."""
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
