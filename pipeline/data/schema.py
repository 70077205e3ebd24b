"""What an observation of a dataset looks like: the contract behind forms, decoding and reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pipeline.cells.number_text import POINT

FeatureType = Literal["number", "integer", "boolean", "category", "date", "text"]
Value = float | bool | str | None
Kind = Literal["image", "audio", "video", "tabular"]
FILE_KINDS: tuple[Kind, ...] = ("image", "audio", "video")
Extractor = Literal["pixels", "sound 1", "film 1", "network"]  # a number changes with its features


@dataclass(frozen=True)
class Reading:
    """How the values of a column are written in the file that it was learned from."""

    decimal: str = POINT
    unit: str = ""  # of a number: what stands beside it
    order: str = ""  # of a date: one of `pipeline/cells/date_text.py`
    missing: tuple[str, ...] = ()  # further words for an unknown value, in small letters


@dataclass(frozen=True)
class Feature:
    """A column of an observation, as seen in the data that fitted the embedding.

    Of a column of free text each word, or each number of a network, is a feature of the row of
    numbers; the column itself is of type `text` and stands in `columns_of` alone.
    """

    name: str
    type: FeatureType
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    example: Value = None
    reading: Reading | None = None  # None: numbers with a point and nothing beside them
    text: str = ""  # the column of free text that this feature is read from
    network: str = ""  # SHA-256 of the network that reads it; empty: a word is counted


@dataclass(frozen=True)
class ImageShape:
    """The size that every image is brought to, and the value of a fully lit pixel."""

    width: int
    height: int
    colour: bool = False
    maximum: float = 255.0

    @property
    def mode(self) -> Literal["RGB", "L"]:
        return "RGB" if self.colour else "L"

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.height, self.width, 3) if self.colour else (self.height, self.width)


@dataclass(frozen=True)
class Extraction:
    """By what the bytes of a file become the features."""

    extractor: Extractor
    picture: ImageShape | None = None  # the pixels; of a network those that it is shown
    network: str = ""  # SHA-256 of its file
    samples: int = 0  # of a sound that a network is given; 0: all that there are
    mean: tuple[float, ...] = ()  # of each channel, 0 to 1, taken from what a network is shown
    std: tuple[float, ...] = ()  # of each channel, by which the rest is divided


@dataclass(frozen=True)
class Bin:
    """A label that stands for amounts: from its lowest, None for the first, to the next bin's."""

    label: str
    lowest: float | None


@dataclass(frozen=True)
class Schema:
    """A dataset's features in order, its target and its labels. Labels are always text."""

    kind: Kind
    target: str
    labels: tuple[str, ...]
    features: tuple[Feature, ...]
    image: ImageShape | None = None  # where the features are the pixels of a picture
    ignored: tuple[str, ...] = ()  # columns of its file that are not learned from
    bins: tuple[Bin, ...] = ()  # from small to large, where the target is an amount
    extraction: Extraction | None = None  # where they are made of a file otherwise

    def bin_of(self, amount: float) -> str:
        """The label of an amount."""
        reached = [one for one in self.bins if one.lowest is None or amount >= one.lowest]
        return reached[-1].label


def word_features(column: str, words: Iterable[str]) -> tuple[Feature, ...]:
    """The features of a column of free text: how often each of these words is in it."""
    return tuple(
        Feature(f"{column}: {word}", "integer", example=0.0, text=column) for word in words
    )


def network_text_features(column: str, names: Iterable[str], network: str) -> tuple[Feature, ...]:
    """The features of a column of free text: the numbers that a network makes of it."""
    return tuple(
        Feature(f"{column}: {name}", "number", text=column, network=network) for name in names
    )


def extraction_of(schema: Schema) -> Extraction | None:
    """How the files of a dataset are read; None where it has none."""
    if schema.image is not None:
        return Extraction("pixels", schema.image)
    return schema.extraction


def columns_of(schema: Schema) -> tuple[Feature, ...]:
    """What an observation consists of: the features, but free text in one piece."""
    if not any(feature.text for feature in schema.features):
        return schema.features
    found: list[Feature] = []
    for name, group in groupby(schema.features, key=lambda feature: feature.text):
        parts = list(group)
        found += [text_column(name, parts)] if name else parts
    return tuple(found)


def text_column(name: str, parts: Sequence[Feature]) -> Feature:
    """The column of free text that these features are read from."""
    names, network = tuple(part.name.removeprefix(f"{name}: ") for part in parts), parts[0].network
    example = None if network else " ".join(names[:3])
    return Feature(name, "text", categories=names, example=example, network=network)


def pixel_features(shape: ImageShape, example: Iterable[float]) -> tuple[Feature, ...]:
    """One feature for each pixel, row by row; for colour three of them, red, green, blue."""
    channels = ("_red", "_green", "_blue") if shape.colour else ("",)
    names = [
        f"pixel_{row}_{column}{channel}"
        for row in range(shape.height)
        for column in range(shape.width)
        for channel in channels
    ]
    return tuple(
        Feature(name, "number", 0.0, shape.maximum, example=float(pixel))
        for name, pixel in zip(names, example, strict=True)
    )
