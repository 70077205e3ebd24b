"""Versions in a bucket that several machines share.

`versions/0007/claim` takes the number, the files follow, and the manifest makes it a version.
`versions/0007/removing` tells who puts it live that somebody is about to remove it. CURRENT is
replaced only where it still is what was read.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.objects.object_store import ObjectStore, ObjectsUnavailable
from pipeline.registry.bucket_cache import BucketCache
from pipeline.registry.bucket_reader import REMOVING, BucketReader, Listing, whole
from pipeline.registry.place import (
    CURRENT,
    VERSIONS,
    dated,
    number_after,
    read_lines,
    write_lines,
)
from pipeline.registry.signed_folder import MANIFEST, SignedFolder, make_manifest
from pipeline.registry.signing import Key

CLAIM = "claim"
TRIES, PAUSE_MILLISECONDS = 100, 50


class BucketPlace:
    shared = True

    def __init__(self, objects: ObjectStore, pointers: ObjectStore, cache: BucketCache) -> None:
        self.objects = objects
        self._cache = cache
        self._reader = BucketReader(objects, pointers, cache)

    @property
    def url(self) -> str:
        return self.objects.url

    @property
    def folder(self) -> Path:
        return self._cache.folder

    def locked(self) -> AbstractContextManager[None]:
        return self._cache.locked()

    def numbers(self) -> list[str]:
        return self._reader.numbers()

    def open(self, name: str, key: Key, trusted: tuple[str, ...]) -> SignedFolder:
        return self._reader.open(name, key, trusted)

    def add_version(self, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key) -> str:
        number, claim = self._claim()
        folder = f"{VERSIONS}/{number}"
        self._put_files(folder, files)
        if self.read(f"{folder}/{CLAIM}") != claim:
            raise ObjectsUnavailable(f"{self.url}: writing version {number} took too long.")
        self.write(f"{folder}/{MANIFEST}", make_manifest(files, dated(number, facts), key))
        return number

    def _claim(self) -> tuple[str, bytes]:
        """A number that nobody has had."""
        number = number_after(self._reader.listing())
        content = f"{datetime.now(UTC).isoformat()} {secrets.token_hex(8)}".encode()
        while self.objects.create(f"{VERSIONS}/{number}/{CLAIM}", content) is None:
            number = number_after([number])
        return number, content

    def add(
        self, name: str, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key
    ) -> None:
        self.delete(f"{name}/{MANIFEST}")
        self._put_files(name, files)
        self.write(f"{name}/{MANIFEST}", make_manifest(files, facts, key))

    def _put_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            self.write(f"{folder}/{name}", content)

    def prune(self, keep: int, grace_seconds: float) -> None:
        listed, live = self._reader.listing(), self.live()
        for number in live:
            if REMOVING in listed.get(number, ()):  # of one that was killed before it looked
                self.delete(f"{VERSIONS}/{number}/{REMOVING}")
        newest = [*whole(listed)[-keep:], *list(listed)[-1:]]  # no number is given twice
        for number in listed.keys() - {*live, *newest}:
            if self._age(number) > grace_seconds:
                self._remove(number, listed)

    def _age(self, number: str) -> float:
        """In seconds, since it was claimed; what nobody claimed is old."""
        claim = (self.read(f"{VERSIONS}/{number}/{CLAIM}") or b"").decode(errors="replace")
        try:
            return time.time() - datetime.fromisoformat(claim.partition(" ")[0]).timestamp()
        except ValueError:
            return float("inf")

    def _remove(self, number: str, listed: Listing) -> None:
        """Either we see in CURRENT that it went live, or who put it there sees our mark."""
        folder = f"{VERSIONS}/{number}"
        self.write(f"{folder}/{REMOVING}", b"")
        if number not in self.live():
            for name in (MANIFEST, *sorted(listed[number] - {MANIFEST, CLAIM, REMOVING}), CLAIM):
                self.delete(f"{folder}/{name}")
        self.delete(f"{folder}/{REMOVING}")

    def live(self) -> list[str]:
        return read_lines(self.read(CURRENT))

    def change_live(self, decide: Callable[[list[str]], list[str]]) -> None:
        wanted = None
        for _ in range(TRIES):
            found = self.objects.read(CURRENT)
            if found is not None and found.content == wanted:
                return  # written by us, and the answer was lost
            wanted = write_lines(decide(read_lines(found.content if found else None)))
            if found is None:
                written = self.objects.create(CURRENT, wanted)
            else:
                written = self.objects.replace(CURRENT, wanted, found)
            if written is not None:
                self._cache.note(CURRENT, wanted)
                return
            time.sleep(secrets.randbelow(PAUSE_MILLISECONDS) / 1000)
        raise ObjectsUnavailable(f"{self.url}: others change {CURRENT} all the time.")

    def last_seen(self, name: str) -> bytes | None:
        return self._reader.last_seen(name)

    def read(self, name: str) -> bytes | None:
        found = self.objects.read(name)
        return found.content if found else None

    def write(self, name: str, content: bytes) -> None:
        self.objects.write(name, content)

    def delete(self, name: str) -> None:
        self.objects.delete(name)

    def renew(self, key: Key) -> None:
        """Nothing to do: what an earlier Boucle signed is signed anew before it comes here."""
