"""What is odd about an observation that is predicted all the same: far numbers, new categories."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Schema, columns_of

FAR = 0.5  # widths of the learned range beyond its ends; so far hardly a sound value lies
MOST_WARNINGS = 10
LONGEST_VALUE = 40
NOTHING = "Nothing is known of it, so the answer is a guess"


@dataclass(frozen=True)
class LearnedRange:
    """The bounds of each number; a category that was never seen lies above all that were.

    `unknown` is what stands for a value that is not there: NaN but for categories and words.
    """

    schema: Schema
    lowest: Numbers
    highest: Numbers
    unknown: Numbers

    def warn(self, rows: Numbers, observations: Sequence[bytes]) -> list[list[str]]:
        """The warnings of each row; nearly always there are none."""
        odd = (rows < self.lowest) | (rows > self.highest)
        empty = self._find_empty(rows)
        if not odd.any() and not any(empty):
            return [[]] * len(rows)
        return [
            [NOTHING] if nothing else self._warn(np.flatnonzero(mask).tolist(), row, observation)
            for nothing, mask, row, observation in zip(empty, odd, rows, observations, strict=True)
        ]

    def _find_empty(self, rows: Numbers) -> list[bool]:
        """The rows of which nothing is known; most are told by their first value alone."""
        unknown = float(self.unknown[0])
        if not any(value != value or value == unknown for value in rows[:, 0].tolist()):
            return [False] * len(rows)
        found: list[bool] = ((rows == self.unknown) | np.isnan(rows)).all(axis=1).tolist()
        return found

    def _warn(self, places: list[int], row: Numbers, observation: bytes) -> list[str]:
        if not places:
            return []
        columns = [column.name for column in columns_of(self.schema)]
        values = dict(zip(columns, msgspec.json.decode(observation), strict=True))
        found = []
        for place in places[:MOST_WARNINGS]:
            feature = self.schema.features[place]
            if feature.type == "category":
                text = str(values[feature.name])[:LONGEST_VALUE]
                found.append(f"{feature.name} '{text}' is not among the values that were learned")
            elif row[place] > self.highest[place]:
                end = f"is above all that was learned ({feature.maximum:.6g})"
                found.append(f"{feature.name} {row[place]:.6g} {end}")
            else:
                end = f"is below all that was learned ({feature.minimum:.6g})"
                found.append(f"{feature.name} {row[place]:.6g} {end}")
        return found


def learned_range(schema: Schema) -> LearnedRange | None:
    """None for pictures, whose pixels have no range of their own."""
    if schema.image is not None:
        return None
    width = len(schema.features)
    lowest, highest = np.full(width, -np.inf), np.full(width, np.inf)
    unknown = np.full(width, np.nan)
    for place, feature in enumerate(schema.features):
        if feature.type == "category":
            highest[place] = unknown[place] = len(feature.categories)
        elif feature.text:
            unknown[place] = 0.0
        elif feature.type in ("number", "integer"):
            low, high = feature.minimum, feature.maximum
            if low is not None and high is not None:
                margin = FAR * (high - low)
                lowest[place], highest[place] = low - margin, high + margin
    return LearnedRange(schema, lowest, highest, unknown)
