"""Where versions lie: what a folder and a bucket both do for the registry."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pipeline.registry.signed_folder import SignedFolder
from pipeline.registry.signing import Key

NUMBER = re.compile(r"[0-9]{4,}")
VERSIONS, CURRENT = "versions", "CURRENT"
EMBEDDINGS, EMBEDDING = "embeddings", "EMBEDDING"


class Place(Protocol):
    """Names are those of `versions/0001`, `embeddings/<id>`, `EMBEDDING`, with slashes.

    ObjectsUnavailable is raised by all of them while a bucket is away, but by those that say
    otherwise.
    """

    @property
    def url(self) -> str:
        """Where it is, as a person knows it."""

    @property
    def folder(self) -> Path:
        """On this machine; what was opened lies in it."""

    @property
    def shared(self) -> bool:
        """Whether machines use it that do not share `paths.data`."""

    def locked(self) -> AbstractContextManager[None]:
        """Of the processes of this machine one at a time; a killed one's lock is gone with it."""

    def numbers(self) -> list[str]:
        """The versions that are whole, oldest first; while it is away, those that are cached."""

    def open(self, name: str, key: Key, trusted: tuple[str, ...]) -> SignedFolder:
        """A verified folder, or UntrustedArtifact; NotThere where there is none of that name."""

    def add_version(self, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key) -> str:
        """Write a new version. It appears whole, under a number that no other has."""

    def add(
        self, name: str, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key
    ) -> None:
        """Write a sealed folder under a name, in the place of one that was there."""

    def prune(self, keep: int, grace_seconds: float) -> None:
        """Remove what is older than the grace period, but what CURRENT lists and the newest."""

    def live(self) -> list[str]:
        """The numbers in CURRENT, as of now."""

    def last_seen(self, name: str) -> bytes | None:
        """A small file as of now; while it is away, as it was last seen."""

    def change_live(self, decide: Callable[[list[str]], list[str]]) -> None:
        """Write what follows from what is there now; `decide` may be asked again, or refuse."""

    def read(self, name: str) -> bytes | None:
        """A small file as of now."""

    def write(self, name: str, content: bytes) -> None:
        """Replace a small file; it appears whole."""

    def delete(self, name: str) -> None:
        """Take a small file away; nothing happens where there is none."""

    def renew(self, key: Key) -> None:
        """Sign anew what an earlier Boucle signed."""


def dated(number: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest of a new version says."""
    return {"version": number, "created_at": datetime.now(UTC).isoformat(), **facts}


def number_after(numbers: Iterable[str]) -> str:
    return f"{max(map(int, numbers), default=0) + 1:04}"


def by_number(names: Iterable[str]) -> list[str]:
    return sorted((name for name in names if NUMBER.fullmatch(name)), key=int)


def read_lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").split()


def write_lines(numbers: Iterable[str]) -> bytes:
    return "".join(f"{number}\n" for number in numbers).encode()
