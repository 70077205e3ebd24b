"""Reads the observations of a request: what the routes share before they predict."""

import asyncio
import base64
import binascii
import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pipeline.data.csv_table import COMMA, DELIMITERS
from pipeline.data.observation import (
    InvalidObservation,
    encode_observation,
    in_schema_order,
    parse_cell,
)
from pipeline.data.schema import Schema
from pipeline.data.text_encoding import UnknownEncoding, find_encoding
from serving.errors import Invalid
from serving.helpers.pictures import Budget

MOST_ROWS = 10_000
Read = tuple[list[float], bytes]  # the row of numbers, and the observation as it is recorded


async def read_observation(
    schema: Schema,
    features: dict[str, Any] | list[Any] | None,
    image: str | None,
    pictures: Budget,
) -> Read:
    """One observation of a JSON body; InvalidObservation or Invalid says what is wrong with it."""
    if image is not None:
        return await read_image(schema, _decode_base64(image), pictures)
    return _read_features(schema, features)


def _read_features(schema: Schema, features: dict[str, Any] | list[Any] | None) -> Read:
    if features is None:
        raise Invalid("features", "are missing")
    return encode_observation(schema, features), to_json(in_schema_order(schema, features))


def _decode_base64(text: str) -> bytes:
    _, _, content = text.rpartition("base64,")  # browsers send data URLs
    try:
        return base64.b64decode("".join(content.split()), validate=True)  # some break the lines
    except (binascii.Error, ValueError):
        raise Invalid("image", "is not base64") from None


async def read_image(schema: Schema, content: bytes, pictures: Budget) -> Read:
    if schema.image is None:
        raise Invalid("image", "is not what this model takes; send features")
    pixels = await pictures.decode(schema.image, content)
    return pixels, msgspec.json.encode([round(pixel, 6) for pixel in pixels])


def to_json(features: object) -> bytes:
    try:
        return msgspec.json.encode(features)
    except (UnicodeEncodeError, RecursionError, ValueError):
        raise Invalid("features", "hold text or nesting that cannot be kept") from None


async def read_rows(
    schema: Schema, rows: Sequence[dict[str, Any] | list[Any]], pictures: Budget
) -> list[Read]:
    """The observations of a batch, each features or {"features": ...} or {"image": ...}.

    A thousand of them take tens of milliseconds: a thread leaves the event loop to others.
    """
    read = await asyncio.to_thread(_read_all_features, schema, rows)
    for place, row in enumerate(rows):
        if read[place] is None and isinstance(row, dict):
            with _naming(place):
                read[place] = await read_observation(schema, None, row["image"], pictures)
    return [one for one in read if one is not None]


def _read_all_features(
    schema: Schema, rows: Sequence[dict[str, Any] | list[Any]]
) -> list[Read | None]:
    """None for a picture."""
    read: list[Read | None] = []
    for place, row in enumerate(rows):
        alone = row if isinstance(row, dict) and len(row) == 1 else {}
        if isinstance(alone.get("image"), str):
            read.append(None)
            continue
        named = alone.get("features")
        with _naming(place):
            read.append(_read_features(schema, named if isinstance(named, dict | list) else row))
    return read


@contextlib.contextmanager
def _naming(place: int) -> Iterator[None]:
    """Say which row of a batch is wrong."""
    try:
        yield
    except (InvalidObservation, Invalid) as error:
        raise Invalid(f"rows.{place}.{error.field}", error.reason) from None


def read_csv(schema: Schema, content: bytes) -> list[Read]:
    """The observations of a CSV upload: a header with the features in any order."""
    try:
        text = content.decode(find_encoding([content]))
        delimiter = _find_delimiter(schema, text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = next(reader, [])
        places = _find_columns(schema, header)
        read = []
        for cells in reader:
            if cells:
                read.append(_read_cells(schema, header, places, cells, reader.line_num))
            if len(read) > MOST_ROWS:
                raise Invalid("file", f"has more than {MOST_ROWS:,} rows")
    except (UnknownEncoding, UnicodeDecodeError):
        raise Invalid("file", "is no text in UTF-8, UTF-16 or Windows-1252") from None
    except csv.Error as error:
        raise Invalid(f"file.line {reader.line_num}", str(error)) from None
    if not read:
        raise Invalid("file", "has no rows")
    return read


def _find_delimiter(schema: Schema, text: str) -> str:
    """The one that cuts the first line into the names of features, a comma if none does."""
    names = {feature.name for feature in schema.features}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        with contextlib.suppress(csv.Error):
            if names.issubset(next(reader, [])):
                return delimiter
    return COMMA


def _find_columns(schema: Schema, header: list[str]) -> list[int]:
    if len(set(header)) != len(header):
        raise Invalid("file.header", "names a column twice")
    names = [feature.name for feature in schema.features]
    if missing := [name for name in names if name not in header]:
        raise Invalid("file.header", f"lacks {len(missing)} columns, {missing[0]} among them")
    if len(header) > len(names) + (schema.target in header):
        raise Invalid("file.header", "names columns that are no features")
    return [header.index(name) for name in names]


def _read_cells(
    schema: Schema, header: list[str], places: list[int], cells: list[str], line: int
) -> Read:
    if len(cells) != len(header):
        raise Invalid(f"file.line {line}", f"has {len(cells)} cells, the header {len(header)}")
    try:
        pairs = zip(schema.features, places, strict=True)
        values = [parse_cell(feature, cells[place]) for feature, place in pairs]
        row = encode_observation(schema, values)
    except InvalidObservation as error:
        raise Invalid(f"file.line {line}.{error.field}", error.reason) from None
    return row, to_json(values)
