"""The file of events: a line of JSON each, rotated by size; it alone says what was written.

Its last lines tell how far the store was read, so that nothing is written twice or left out,
whenever the writer is killed. One process at a time writes.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from pipeline.events.reading import Progress
from pipeline.events.schema import Event

FILE = "events.ndjson"
ROTATED = "events-*.ndjson"


class Journal:
    """A context, open for one writer; `others_write` when there is one already."""

    def __init__(self, folder: Path, most_bytes: int, keep: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._keep = keep
        self._file: IO[bytes] | None = None
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
        """How far it was written; a line that was cut short is taken away first."""
        path = self._folder / FILE
        path.touch()
        _cut(path)
        progress = Progress()
        for each in [*sorted(self._folder.glob(ROTATED))[-2:], path]:
            with each.open("rb") as lines:
                for line in lines:
                    progress.note(json.loads(line))
        self._file = path.open("ab")
        return progress

    def append(self, events: Sequence[Event]) -> None:
        """On disk when it returns."""
        if self._file is None or not events:
            return
        lines = [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]
        self._file.write(b"".join(lines))
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._file.tell() > self._most_bytes:
            self._rotate()

    def _rotate(self) -> None:
        if self._file is None:
            return
        self._file.close()
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
        (self._folder / FILE).rename(self._folder / f"events-{stamp}.ndjson")
        self._file = (self._folder / FILE).open("ab")
        for old in sorted(self._folder.glob(ROTATED))[: -self._keep]:
            old.unlink()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _cut(path: Path) -> None:
    """Down to the last whole line."""
    with path.open("rb+") as file:
        content = file.read()
        end = content.rfind(b"\n") + 1
        if end < len(content):
            file.truncate(end)
