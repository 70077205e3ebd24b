"""The versions of the model on disk: published whole, verified, one of them live.

`versions/0001/` is immutable. `CURRENT` is one small file: its first line names the live version,
the lines below those that were live before, newest first: what a damaged version falls back to.
"""

import contextlib
import fcntl
import logging
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.durable_files import sync_folder, write_atomic
from pipeline.registry.signed_folder import (
    SignedFolder,
    UntrustedArtifact,
    open_signed,
    renew,
    seal,
)
from pipeline.registry.signing import Key, NoSigningKey, load_signing_key
from pipeline.setting_tables import ArtifactSettings

log = logging.getLogger(__name__)
NUMBER = re.compile(r"[0-9]{4,}")
PICKLES = ("scaler.pkl", "pca.pkl", "model.pkl")
STAGING = ".staging"  # half written or half removed; the next publisher clears it


class ParentReplaced(Exception):
    """Another version went live than the one that was to be replaced."""


@dataclass(frozen=True)
class ModelRegistry:
    """A folder of versions and the key that signs them."""

    folder: Path
    key: Key
    keep: int
    grace_seconds: float
    trusted: tuple[str, ...] = ()  # modules whose classes may be unpickled
    _refused: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def versions(self) -> Path:
        return self.folder / "versions"

    def numbers(self) -> list[str]:
        """All versions that are kept, oldest first."""
        if not self.versions.is_dir():
            return []
        names = (path.name for path in self.versions.iterdir())
        return sorted((name for name in names if NUMBER.fullmatch(name)), key=int)

    def open(self, number: str) -> SignedFolder:
        """A verified version, or UntrustedArtifact."""
        if not NUMBER.fullmatch(number) or not (self.versions / number).is_dir():
            raise UntrustedArtifact(f"There is no version {number!r}.")
        version = open_signed(self.versions / number, self.key, self.trusted)
        if version.manifest.get("version") != number:
            raise UntrustedArtifact(f"{version.folder}: the manifest is that of another version.")
        return version

    def live_history(self) -> list[str]:
        """The live version and those live before it, newest first; empty before the first."""
        try:
            return (self.folder / "CURRENT").read_text(errors="replace").split()
        except FileNotFoundError:
            return []

    def current(self) -> SignedFolder:
        """The live version; when it is damaged, the last good one that was live before."""
        for number in self.live_history():
            try:
                version = self.open(number)
            except UntrustedArtifact as refusal:
                if self._refused.get(number) != str(refusal):  # it is looked at again and again
                    log.error("A version is refused: %s", refusal)
                self._refused[number] = str(refusal)
            else:
                self._refused.pop(number, None)
                return version
        raise UntrustedArtifact(f"{self.folder}: there is no good version; run scripts/train.py.")

    def publish(self, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> SignedFolder:
        """Write a new version beside the others. It is not live before `activate`."""
        with self.locked():
            shutil.rmtree(self.versions / STAGING, ignore_errors=True)
            number = f"{int(['0000', *self.numbers()][-1]) + 1:04}"
            dated = {"version": number, "created_at": datetime.now(UTC).isoformat(), **facts}
            seal(self.versions / STAGING, files, dated, self.key)
            (self.versions / STAGING).rename(self.versions / number)
            sync_folder(self.versions)
            self._prune()
        return self.open(number)

    def activate(self, number: str, instead_of: str | None = None) -> SignedFolder:
        """Verify a version and put it live. Going back forgets what was live since.

        ParentReplaced when another is live than the one that it is to replace, if that is said.
        """
        with self.locked():  # else it could be pruned, or another go live, meanwhile
            version = self.open(number)
            if instead_of is not None:
                live = self.current().manifest["version"]
                if live != instead_of:
                    raise ParentReplaced(
                        f"it was judged against {instead_of}, meanwhile {live} is live"
                    )
            before = self.live_history()
            older = before[before.index(number) + 1 :] if number in before else before
            lines = [number, *older][: self.keep]
            write_atomic(self.folder / "CURRENT", "".join(f"{n}\n" for n in lines).encode())
            self._link_pickles(self.versions / number)
        return version

    def _link_pickles(self, version: Path) -> None:
        """The pickles of the live version, where the course looks for them; we read none of it.

        The version is live by now, whether or not the file system knows links.
        """
        for name in PICKLES:
            link, target = self.folder / name, version / name
            try:
                link.unlink(missing_ok=True)
                if target.exists():
                    link.symlink_to(target.relative_to(self.folder))
            except OSError as error:
                log.warning("%s does not show the live version: %s", link, error)

    def renew(self) -> None:
        """Sign anew what an earlier Boucle signed, so that who only verifies can open it."""
        for folder in (*self.versions.glob("*"), *(self.folder / "embeddings").glob("*")):
            with contextlib.suppress(UntrustedArtifact):  # damaged, and so it stays
                renew(folder, self.key)

    def _prune(self) -> None:
        safe = {*self.live_history(), *self.numbers()[-self.keep :]}
        for number in set(self.numbers()) - safe:
            age = time.time() - (self.versions / number).stat().st_mtime
            if age > self.grace_seconds:
                (self.versions / number).rename(self.versions / STAGING)
                shutil.rmtree(self.versions / STAGING)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One publisher at a time; the lock of a killed process is gone with it."""
        self.versions.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def open_registry(wanted: ArtifactSettings) -> ModelRegistry:
    try:
        key = load_signing_key(wanted.signing_key)
    except NoSigningKey as error:
        raise UntrustedArtifact(str(error)) from None
    grace = wanted.grace_minutes * 60
    return ModelRegistry(wanted.folder, key, wanted.keep, grace, wanted.trusted)
