"""The versions of the model: published whole, verified, one of them live.

`versions/0001/` is immutable. `CURRENT` is one small file: its first line names the live version,
the lines below those that were live before, newest first: what a damaged version falls back to.
Where all this lies, in a folder or a bucket, is a `Place`.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.objects.opening import folder_of, is_bucket, open_objects
from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.place import CURRENT, NUMBER, VERSIONS, Place, read_lines
from pipeline.registry.signed_folder import NotThere, SignedFolder, UntrustedArtifact
from pipeline.registry.signing import Key, NoSigningKey, load_signing_key
from pipeline.setting_tables import ArtifactSettings
from pipeline.settings import InvalidSetting

log = logging.getLogger(__name__)
POINTER_SECONDS = 5.0  # so long CURRENT, a manifest or a listing may take in a bucket


class ParentReplaced(Exception):
    """Another version went live than the one that was to be replaced."""


@dataclass(frozen=True)
class ModelRegistry:
    """Versions in a place, and the key that signs them.

    ObjectsUnavailable where a bucket is away and what is asked for is not cached, or is to change.
    """

    place: Place
    key: Key
    keep: int
    grace_seconds: float
    trusted: tuple[str, ...] = ()  # modules whose classes may be unpickled
    _refused: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def numbers(self) -> list[str]:
        """All versions that are kept, oldest first."""
        return self.place.numbers()

    def open(self, number: str) -> SignedFolder:
        """A verified version, or UntrustedArtifact."""
        try:
            if not NUMBER.fullmatch(number):
                raise NotThere
            version = self.place.open(f"{VERSIONS}/{number}", self.key, self.trusted)
        except NotThere:
            raise UntrustedArtifact(f"There is no version {number!r}.") from None
        if version.manifest.get("version") != number:
            raise UntrustedArtifact(f"{version.folder}: the manifest is that of another version.")
        return version

    def live_history(self) -> list[str]:
        """The live version and those live before it, newest first; empty before the first."""
        return read_lines(self.place.last_seen(CURRENT))

    def is_refused(self, number: str) -> bool:
        """True if it was damaged when `current` last looked at it."""
        return number in self._refused

    def current(self) -> SignedFolder:
        """The live version; when it is damaged, the last good one that was live before.

        While a bucket is away, the last one that is cached.
        """
        return self._first_good(self.live_history())

    def _first_good(self, numbers: Iterable[str]) -> SignedFolder:
        away: ObjectsUnavailable | None = None
        for number in numbers:
            try:
                version = self.open(number)
            except UntrustedArtifact as refusal:
                if self._refused.get(number) != str(refusal):  # it is looked at again and again
                    log.error("A version is refused: %s", refusal)
                self._refused[number] = str(refusal)
            except ObjectsUnavailable as error:
                away = away or error
            else:
                self._refused.pop(number, None)
                return version
        if away is not None:
            raise away
        raise UntrustedArtifact(
            f"{self.place.url}: there is no good version; run scripts/train.py."
        )

    def publish(self, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> SignedFolder:
        """Write a new version beside the others. It is not live before `activate`."""
        number = self.place.add_version(files, facts, self.key)
        self.place.prune(self.keep, self.grace_seconds)
        return self.open(number)

    def activate(self, number: str, instead_of: str | None = None) -> SignedFolder:
        """Verify a version and put it live. Going back forgets what was live since.

        ParentReplaced when another is live than the one that it is to replace, if that is said.
        """
        opened: list[SignedFolder] = []

        def decide(before: list[str]) -> list[str]:
            opened.append(self.open(number))
            if instead_of is not None:
                live = self._first_good(before).manifest["version"]
                if live != instead_of:
                    raise ParentReplaced(
                        f"it was judged against {instead_of}, meanwhile {live} is live"
                    )
            older = before[before.index(number) + 1 :] if number in before else before
            return [number, *older][: self.keep]

        self.place.change_live(decide)
        if number not in self.numbers():
            self.place.change_live(lambda now: [one for one in now if one != number])
            raise UntrustedArtifact(f"Version {number} was being removed; it is not live.")
        return opened[-1]

    def renew(self) -> None:
        """Sign anew what an earlier Boucle signed, so that who only verifies can open it."""
        self.place.renew(self.key)


def open_registry(wanted: ArtifactSettings) -> ModelRegistry:
    try:
        key = load_signing_key(wanted.signing_key)
    except NoSigningKey as error:
        raise UntrustedArtifact(str(error)) from None
    grace = wanted.grace_minutes * 60
    return ModelRegistry(open_place(wanted), key, wanted.keep, grace, wanted.trusted)


def open_place(wanted: ArtifactSettings) -> Place:
    """InvalidSetting for a URL of an unknown kind, and where its package is missing."""
    try:
        objects = open_objects(wanted.folder)
        if not is_bucket(wanted.folder):
            pickles = Path(wanted.pickles) if wanted.pickles else None
            return FolderPlace(folder_of(wanted.folder), pickles)
    except InvalidSetting as error:
        raise InvalidSetting(f"artifacts.folder: {error}") from None
    from pipeline.registry.bucket_cache import BucketCache
    from pipeline.registry.bucket_place import BucketPlace

    own = hashlib.sha256(objects.url.encode()).hexdigest()[:16]  # of this bucket and no other
    pointers = open_objects(wanted.folder, POINTER_SECONDS)
    return BucketPlace(objects, pointers, BucketCache(wanted.cache / own, wanted.keep))
