"""Recorded observations as numbers that can be compared: decoded once, kept while in the window."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import InvalidObservation, encode, encode_text
from pipeline.data.schema import Feature, Schema, columns_of
from pipeline.data.watched_features import watched_features, watched_places, watched_values

PIXELS = msgspec.json.Decoder(list[float | None])
VALUES = msgspec.json.Decoder(list[Any])


class Observed:
    """Of one schema. A picture has tens of thousands of numbers, and most rows were seen before."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.features = watched_features(schema)
        self.columns = columns_of(schema)
        self.places = watched_places(schema)
        self._kept: dict[int, Numbers] = {}

    def values(self, rows: Iterable[tuple[int, str | bytes]]) -> Numbers:
        """Of rows (seq, observation) the values of the watched features."""
        kept = self._kept
        self._kept = {seq: kept[seq] if seq in kept else self.read(text) for seq, text in rows}
        return np.array([*self._kept.values()]).reshape(len(self._kept), len(self.features))

    def read(self, text: str | bytes) -> Numbers:
        if self.schema.image is not None:
            pixels = np.array(PIXELS.decode(text), dtype=np.float64)
            watched: Numbers = watched_values(self.schema, pixels[None, :])[0]
            return watched
        values = VALUES.decode(text)
        row: list[float] = []
        for column, value in zip(self.columns, values, strict=True):
            row += _numbers(column, value)
        return np.array(row)[self.places]


def _numbers(column: Feature, value: object) -> list[float]:
    """What cannot be decoded, as after a change by hand, counts as missing."""
    if column.type == "text":
        return encode_text(column, value if isinstance(value, str) else None)
    try:
        return [encode(column, value)]
    except InvalidObservation:
        return [encode(column, None)]
