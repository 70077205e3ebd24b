"""A file of events as lines of JSON. It is rotated by size, and repaired after a crash."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pipeline.events.schema import Event

BLOCK = 65_536


class RotatedFile:
    """A context: `name.ndjson`, and beside it `name-<time>.ndjson`, of which `keep` stay."""

    def __init__(self, folder: Path, name: str, most_bytes: int, keep: int) -> None:
        """Open the file for appending, without a half line that a killed writer may have left."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = name
        self._most_bytes = most_bytes
        self._keep = keep
        self._path = folder / f"{name}.ndjson"
        self._path.touch()
        _cut(self._path)
        self._file = self._path.open("ab")

    def read_back(self) -> Iterator[Event]:
        """The events of the last two rotated files and of the file itself, the newest last."""
        for path in [*self._rotated()[-2:], self._path]:
            with path.open("rb") as lines:
                yield from map(json.loads, lines)

    def append(self, events: Sequence[Event]) -> None:
        """Append events, which are on disk when this returns."""
        if not events:
            return
        lines = [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]
        self._file.write(b"".join(lines))
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._file.tell() > self._most_bytes:
            self._rotate()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rotate(self) -> None:
        self._file.close()
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
        self._path.rename(self._folder / f"{self._name}-{stamp}.ndjson")
        self._file = self._path.open("ab")
        for old in self._rotated()[: -self._keep]:
            old.unlink()

    def _rotated(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-*.ndjson"))


def _cut(path: Path) -> None:
    """Cut the file after its last whole line, searching from the end."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end > 0:
            begin = max(0, end - BLOCK)
            file.seek(begin)
            place = file.read(end - begin).rfind(b"\n")
            if place >= 0:
                end = begin + place + 1
                break
            end = begin
        if end < size:
            file.truncate(end)
