"""What was fetched from a bucket, on this machine: verified folders, and the pointers last seen.

It may be deleted at any time: all of it is fetched anew. Processes of one machine share it.
"""

import contextlib
import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.durable_files import write_atomic
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.signed_folder import MANIFEST

log = logging.getLogger(__name__)
STAGING = ".staging"
LEFT_SECONDS = 3600  # a fetch that takes longer was cut short


class BucketCache:
    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / ".lock").open("w")
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder of one's own to fetch into."""
        with self._writing():
            folder = self.folder / STAGING / secrets.token_hex(8)
            folder.mkdir(parents=True)
            try:
                yield folder
            finally:
                for left in (folder, folder.with_name(f"{folder.name}.before")):
                    shutil.rmtree(left, ignore_errors=True)

    def keep(self, fetched: Path, name: str, needed: set[str]) -> Path:
        """Take in what was fetched and verified, and leave the cache no larger than it may be."""
        kept = self.folder / name
        with self.locked(), self._writing():
            kept.parent.mkdir(exist_ok=True)
            if kept.exists():
                kept.rename(fetched.with_name(f"{fetched.name}.before"))
            fetched.rename(kept)
            self._trim(kept.parent, {kept.name, *needed})
        return kept

    def _trim(self, folder: Path, needed: set[str]) -> None:
        """Those that were opened last stay, and those that are needed."""
        known = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in known[self._most :]:
            if path.name not in needed:
                shutil.rmtree(path, ignore_errors=True)
        for path in (self.folder / STAGING).iterdir():
            if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def manifest(self, name: str) -> bytes | None:
        """As it was fetched, and that it is looked at is noted."""
        try:
            content = (self.folder / name / MANIFEST).read_bytes()
            os.utime(self.folder / name)
        except OSError:
            return None
        return content

    def numbers(self) -> list[str]:
        folder = self.folder / "versions"
        return [path.name for path in folder.iterdir()] if folder.is_dir() else []

    def note(self, name: str, content: bytes | None) -> None:
        """What a pointer says, for a start while the bucket is away."""
        try:
            if content is None:
                (self.folder / name).unlink(missing_ok=True)
            elif self.recall(name) != content:
                write_atomic(self.folder / name, content)
        except OSError as error:
            log.warning("%s is not kept: %s", self.folder / name, error.strerror)

    def recall(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ObjectsUnavailable(
                f"The cache {self.folder} cannot be written: {error.strerror}."
            ) from error
