"""What a folder and a bucket both can do, and all that Boucle asks of either."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

NAME = re.compile(r"[\w-][\w.=-]*(/[\w-][\w.=-]*)*", re.ASCII)


class ObjectsUnavailable(Exception):
    """The store cannot be reached, or refuses us now; it may come back."""


@dataclass(frozen=True)
class StoredObject:
    """The bytes under a name; the tag is another one as soon as they are others."""

    content: bytes = field(repr=False)
    tag: str


class ObjectStore(Protocol):
    """Names are parts with a slash between. What is written is durable when the call returns."""

    @property
    def url(self) -> str:
        """Where it is, without a secret."""

    def read(self, name: str, known: StoredObject | None = None) -> StoredObject | None:
        """What is there, or None; `known` itself when it is still that."""

    def create(self, name: str, content: bytes) -> StoredObject | None:
        """Write where nothing is. None when something is: of several writers one wins."""

    def replace(self, name: str, content: bytes, known: StoredObject) -> StoredObject | None:
        """Write where there is still what is known. None when there is something else by now."""

    def write(self, name: str, content: bytes) -> StoredObject:
        """Write whatever is there."""

    def names(self, below: str = "") -> Iterator[str]:
        """Those that begin with the folder `below`, in alphabetical order."""

    def delete(self, name: str) -> None:
        """Take it away; nothing happens when it is gone already."""


def check_name(name: str) -> str:
    """The name, if it can be one in every store: no way out of it, nothing hidden."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an object.")
    return name
