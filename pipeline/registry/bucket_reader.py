"""Reads versions out of a bucket through the cache, which answers while the bucket is away."""

import logging
import time
from dataclasses import replace

from pipeline.objects.object_store import NAME, ObjectStore, ObjectsUnavailable, StoredObject
from pipeline.registry.bucket_cache import BucketCache
from pipeline.registry.place import CURRENT, VERSIONS, by_number, read_lines
from pipeline.registry.signed_folder import (
    MANIFEST,
    NotThere,
    SignedFolder,
    UntrustedArtifact,
    open_signed,
    read_signed_manifest,
)
from pipeline.registry.signing import Key

log = logging.getLogger(__name__)
AWAY_SECONDS = 3.0  # so long after a failure the bucket is not asked again
REMOVING = "removing"
Listing = dict[str, set[str]]  # the names below each number


class BucketReader:
    """Asks `pointers` what is small, and soon takes it for away when it is silent."""

    def __init__(self, objects: ObjectStore, pointers: ObjectStore, cache: BucketCache) -> None:
        self._objects = objects
        self._pointers = pointers
        self._cache = cache
        self._known: dict[str, StoredObject] = {}  # what need not be sent again
        self._away_until = 0.0

    def listing(self) -> Listing:
        """All below `versions/`: versions, and what is none yet or no more."""
        found: Listing = {}
        for name in self._pointers.names(VERSIONS):
            _, number, *rest = name.split("/")
            if NAME.fullmatch(name):
                found.setdefault(number, set()).add("/".join(rest))
        return {number: found[number] for number in by_number(found)}

    def numbers(self) -> list[str]:
        if not self._is_away():
            try:
                return whole(self.listing())
            except ObjectsUnavailable as error:
                self._note_away(error)
        return by_number(self._cache.numbers())

    def last_seen(self, name: str) -> bytes | None:
        if not self._is_away():
            try:
                content = self._read(name)
            except ObjectsUnavailable as error:
                self._note_away(error)
            else:
                self._cache.note(name, content)
                return content
        kept = self._cache.recall(name)
        if kept is None:
            raise self._not_cached(name)
        return kept

    def _read(self, name: str) -> bytes | None:
        """Sent only if it changed."""
        found = self._pointers.read(name, self._known.get(name))
        self._note_back()
        if found is None:
            self._known.pop(name, None)
            return None
        self._known[name] = found
        return found.content

    def open(self, name: str, key: Key, trusted: tuple[str, ...]) -> SignedFolder:
        if not NAME.fullmatch(name):
            raise NotThere(f"{self._objects.url}/{name}: there is no {MANIFEST}.")
        cached, manifest = self._cache.manifest(name), self._look_at_manifest(name)
        if cached is not None and manifest in (None, cached):
            try:
                return open_signed(self._cache.folder / name, key, trusted)
            except UntrustedArtifact as damage:
                log.warning("It is to be fetched anew: %s", damage)
        if manifest is None:
            raise self._not_cached(name)
        return self._fetch(name, manifest, key, trusted)

    def _look_at_manifest(self, name: str) -> bytes | None:
        """None while the bucket is away."""
        if self._is_away():
            return None
        try:
            manifest = self._read(f"{name}/{MANIFEST}")
        except ObjectsUnavailable as error:
            self._note_away(error)
            return None
        if manifest is None:
            raise NotThere(f"{self._objects.url}/{name}: there is no {MANIFEST}.")
        return manifest

    def _fetch(
        self, name: str, manifest: bytes, key: Key, trusted: tuple[str, ...]
    ) -> SignedFolder:
        """Nothing is fetched that no signed manifest names, nothing kept that is not verified."""
        with self._cache.staging() as fetched:
            (fetched / MANIFEST).write_bytes(manifest)
            try:
                for file in read_signed_manifest(fetched, key)["files"]:
                    found = self._objects.read(f"{name}/{file}")
                    if found is not None:
                        (fetched / file).write_bytes(found.content)
                sealed = open_signed(fetched, key, trusted)
            except UntrustedArtifact as refusal:
                said = str(refusal).replace(str(fetched), f"{self._objects.url}/{name}")
                raise UntrustedArtifact(said) from None
            live = set(read_lines(self._cache.recall(CURRENT)))
            return replace(sealed, folder=self._cache.keep(fetched, name, live))

    def _not_cached(self, name: str) -> ObjectsUnavailable:
        return ObjectsUnavailable(f"{self._objects.url} is away, and {name} is not cached.")

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self, error: ObjectsUnavailable) -> None:
        if not self._away_until:
            log.warning("What is cached stays, the bucket is away: %s", error)
        self._away_until = time.monotonic() + AWAY_SECONDS

    def _note_back(self) -> None:
        if self._away_until:
            log.info("%s is back", self._objects.url)
        self._away_until = 0.0


def whole(listed: Listing) -> list[str]:
    """The numbers of versions that are there and stay."""
    return [n for n, names in listed.items() if MANIFEST in names and REMOVING not in names]
