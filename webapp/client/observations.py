"""What a person can ask about: a picture, a sound, a film, a row of features, a table of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from webapp.client.schema import Value


@dataclass(frozen=True)
class Picture:
    name: str
    content: bytes
    fitted: bool = False  # it was brought to the look of what was learned from


@dataclass(frozen=True)
class Recording:
    """A sound or a film."""

    name: str
    content: bytes
    kind: Literal["audio", "video"]


@dataclass(frozen=True)
class Row:
    """Features by name, or in the schema's order."""

    features: Mapping[str, Value] | Sequence[Value]


@dataclass(frozen=True)
class CsvFile:
    name: str
    content: bytes


@dataclass(frozen=True)
class Rows:
    """Many rows, out of a JSON file."""

    name: str
    rows: Sequence[Mapping[str, Value] | Sequence[Value]]


Observation = Picture | Recording | Row | CsvFile | Rows


class Unreadable(Exception):
    """A file that cannot be understood; the text says why."""
