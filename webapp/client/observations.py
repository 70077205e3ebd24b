"""What can be predicted: a picture, a sound, a film, a row of features, a table of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from webapp.client.schema import Value


@dataclass(frozen=True)
class Picture:
    name: str
    content: bytes
    fitted: bool = False  # it was made to look like the pictures of the training


@dataclass(frozen=True)
class Recording:
    """A sound or a film."""

    name: str
    content: bytes
    kind: Literal["audio", "video"]


@dataclass(frozen=True)
class Row:
    """Features by name, or as a list in the order of the schema."""

    features: Mapping[str, Value] | Sequence[Value]


@dataclass(frozen=True)
class CsvFile:
    name: str
    content: bytes


@dataclass(frozen=True)
class Rows:
    """Many rows from a JSON file."""

    name: str
    rows: Sequence[Mapping[str, Value] | Sequence[Value]]


Observation = Picture | Recording | Row | CsvFile | Rows


class Unreadable(Exception):
    """A file that cannot be read; the text says why."""
