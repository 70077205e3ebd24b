"""Reads the observations of a request: what the routes share before they predict."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from pipeline.arrays import Numbers
from pipeline.cells.words import UNREMARKABLE
from pipeline.data.observation import (
    InvalidObservation,
    encode_values,
    in_schema_order,
    understand,
)
from pipeline.data.schema import (
    FILE_KINDS,
    Extraction,
    Kind,
    Schema,
    Value,
    columns_of,
    extraction_of,
)
from serving.errors import Invalid
from serving.helpers.media import Budget
from serving.scoring.live_model import LiveModel

INVERTED = "its negative: dark and light change places"
File = tuple[Kind, str]  # what it is, and its bytes as base64


class ParsedObservation(NamedTuple):
    """An observation as it was understood."""

    row: list[float]
    observation: bytes  # as it is recorded
    understood: dict[str, Value]  # of the values that came as text, what they were taken for
    preview: bytes = b""  # a PNG of a sound or a film


async def read_observation(
    model: LiveModel,
    features: dict[str, Any] | list[Any] | None,
    file: File | None,
    media: Budget,
) -> ParsedObservation:
    """One observation of a JSON body; InvalidObservation or Invalid says what is wrong with it."""
    if file is not None:
        kind, text = file
        return await read_file(model, kind, _decode_base64(kind, text), media)
    if model.decoder.takes_long:
        return await asyncio.to_thread(_read_features, model.schema, features)
    return _read_features(model.schema, features)


def _read_features(
    schema: Schema, features: dict[str, Any] | list[Any] | None
) -> ParsedObservation:
    if features is None:
        raise Invalid("features", "are missing")
    return read_values(schema, in_schema_order(schema, features))


def read_values(schema: Schema, values: Sequence[object]) -> ParsedObservation:
    """Values in the schema's order; text is read as it was in the file that was learned from."""
    columns, known, understood = columns_of(schema), list(values), {}
    row = encode_values(columns, values)
    for place, given in enumerate(values):
        if isinstance(given, str | int):
            known[place] = meant = understand(columns[place], given)
            if isinstance(given, str) and is_telling(given, meant):
                understood[columns[place].name] = cast("Value", meant)
    return ParsedObservation(row, to_json(known), understood)


def is_telling(given: str, meant: object) -> bool:
    """Whether what a text was taken for is worth saying: 7.50 as 7.5 is not, 7,50 is."""
    text = given.strip()
    if isinstance(meant, str) or meant is None:
        return meant != text and text.lower() not in UNREMARKABLE
    if isinstance(meant, bool):
        return text.lower() not in ("true", "false")
    try:
        return float(text) != meant
    except ValueError:
        return True


def _decode_base64(kind: Kind, text: str) -> bytes:
    _, _, content = text.rpartition("base64,")  # browsers send data URLs
    try:
        return base64.b64decode("".join(content.split()), validate=True)  # some break the lines
    except (binascii.Error, ValueError):
        raise Invalid(kind, "is not base64") from None


async def read_file(
    model: LiveModel, kind: Kind, content: bytes, media: Budget
) -> ParsedObservation:
    """A picture, a sound or a film; InvalidObservation says what is wrong with it."""
    how, taken = extraction_of(model.schema), model.schema.kind
    if how is None or kind != taken:
        wanted = "features" if how is None else taken
        raise Invalid(kind, f"is not what this model takes; send {wanted}")
    opened = await media.decode(kind, how, content)
    if how.extractor == "pixels":
        return _read_pixels(model, opened.values.tolist())
    row = await asyncio.to_thread(_describe, model, how, opened.values)
    return ParsedObservation(row, msgspec.json.encode(row), {}, opened.preview)


def _describe(model: LiveModel, how: Extraction, values: Numbers) -> list[float]:
    found = model.network.describe(how, values) if model.network else values
    row: list[float] = found.tolist()
    return row


def _read_pixels(model: LiveModel, pixels: list[float]) -> ParsedObservation:
    understood = dict[str, Value]()
    negative = model.pictures.invert(pixels) if model.pictures else None
    if negative is not None:
        pixels, understood = negative, dict[str, Value](image=INVERTED)
    return ParsedObservation(
        pixels, msgspec.json.encode([round(pixel, 6) for pixel in pixels]), understood
    )


def to_json(features: object) -> bytes:
    try:
        return msgspec.json.encode(features)
    except (UnicodeEncodeError, RecursionError, ValueError):
        raise Invalid("features", "hold text or nesting that cannot be kept") from None


async def read_rows(
    model: LiveModel, rows: Sequence[dict[str, Any] | list[Any]], media: Budget
) -> list[ParsedObservation]:
    """The observations of a batch, each features, {"features": ...}, or a file: {"image": ...}.

    A thousand of them take tens of milliseconds: a thread leaves the event loop to others.
    """
    read = await asyncio.to_thread(_read_all_features, model.schema, rows)
    for place, row in enumerate(rows):
        if read[place] is None and isinstance(row, dict):
            with _naming(place):
                read[place] = await read_observation(model, None, _file_of(row), media)
    return [one for one in read if one is not None]


def _read_all_features(
    schema: Schema, rows: Sequence[dict[str, Any] | list[Any]]
) -> list[ParsedObservation | None]:
    """None for a file."""
    read: list[ParsedObservation | None] = []
    for place, row in enumerate(rows):
        alone = row if isinstance(row, dict) and len(row) == 1 else {}
        if _file_of(alone) is not None:
            read.append(None)
            continue
        named = alone.get("features")
        with _naming(place):
            read.append(_read_features(schema, named if isinstance(named, dict | list) else row))
    return read


def _file_of(row: dict[str, Any]) -> File | None:
    """The one file of {"audio": ...}; None for anything else."""
    kinds = [kind for kind in FILE_KINDS if isinstance(row.get(kind), str)]
    return (kinds[0], row[kinds[0]]) if kinds and len(row) == 1 else None


@contextlib.contextmanager
def _naming(place: int) -> Iterator[None]:
    """Say which row of a batch is wrong."""
    try:
        yield
    except (InvalidObservation, Invalid) as error:
        raise Invalid(f"rows.{place}.{error.field}", error.reason) from None
