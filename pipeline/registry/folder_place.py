"""Versions in a folder: written aside and renamed, under a lock."""

import contextlib
import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.durable_files import sync_folder, write_atomic
from pipeline.registry.place import (
    CURRENT,
    VERSIONS,
    by_number,
    dated,
    number_after,
    read_lines,
    write_lines,
)
from pipeline.registry.signed_folder import (
    MANIFEST,
    NotThere,
    SignedFolder,
    UntrustedArtifact,
    open_signed,
    renew,
    seal,
)
from pipeline.registry.signing import Key

log = logging.getLogger(__name__)
PICKLES = ("scaler.pkl", "pca.pkl", "model.pkl")
STAGING = ".staging"  # half written or half removed; the next publisher clears it


@dataclass(frozen=True)
class FolderPlace:
    folder: Path
    pickles: Path | None = None  # for copies of those of the live version; else links show them
    shared = False

    @property
    def url(self) -> str:
        return str(self.folder)

    @property
    def versions(self) -> Path:
        return self.folder / VERSIONS

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        self.versions.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def numbers(self) -> list[str]:
        if not self.versions.is_dir():
            return []
        return by_number(path.name for path in self.versions.iterdir())

    def open(self, name: str, key: Key, trusted: tuple[str, ...]) -> SignedFolder:
        if not (self.folder / name).is_dir():
            raise NotThere(f"{self.folder / name}: there is no {MANIFEST}.")
        return open_signed(self.folder / name, key, trusted)

    def add_version(self, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key) -> str:
        with self.locked():
            number = number_after(self.numbers())
            self._put(self.versions / number, files, dated(number, facts), key)
        return number

    def add(
        self, name: str, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key
    ) -> None:
        with self.locked():
            shutil.rmtree(self.folder / name, ignore_errors=True)  # the same, of a run cut short
            self._put(self.folder / name, files, facts, key)

    def _put(
        self, folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key
    ) -> None:
        staging = folder.with_name(STAGING)
        shutil.rmtree(staging, ignore_errors=True)
        seal(staging, files, facts, key)
        staging.rename(folder)
        sync_folder(folder.parent)

    def prune(self, keep: int, grace_seconds: float) -> None:
        with self.locked():
            numbers = self.numbers()
            for number in set(numbers) - {*self.live(), *numbers[-keep:]}:
                age = time.time() - (self.versions / number).stat().st_mtime
                if age > grace_seconds:
                    (self.versions / number).rename(self.versions / STAGING)
                    shutil.rmtree(self.versions / STAGING)

    def live(self) -> list[str]:
        return read_lines(self.read(CURRENT))

    def change_live(self, decide: Callable[[list[str]], list[str]]) -> None:
        with self.locked():  # else a version could be pruned, or another go live, meanwhile
            lines = decide(self.live())
            self.write(CURRENT, write_lines(lines))
            if lines:
                self._show_pickles(self.versions / lines[0])

    def _show_pickles(self, version: Path) -> None:
        """The pickles of the live version, where the course looks for them; we read none of it.

        The version is live by now, whether or not a link or a copy can be made.
        """
        for name in PICKLES:
            shown, target = (self.pickles or self.folder) / name, version / name
            try:
                if not target.exists():
                    shown.unlink(missing_ok=True)
                elif self.pickles:
                    write_atomic(shown, target.read_bytes())
                else:
                    shown.unlink(missing_ok=True)
                    shown.symlink_to(target.relative_to(self.folder))
            except OSError as error:
                log.warning("%s does not show the live version: %s", shown, error)

    def last_seen(self, name: str) -> bytes | None:
        return self.read(name)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        write_atomic(self.folder / name, content)

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def renew(self, key: Key) -> None:
        for folder in (*self.versions.glob("*"), *(self.folder / "embeddings").glob("*")):
            with contextlib.suppress(UntrustedArtifact):  # damaged, and so it stays
                renew(folder, key)
