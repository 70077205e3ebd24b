"""From a row of numbers back to the observation that it stands for, as a client would send it."""

import math
from collections.abc import Sequence

from pipeline.cells.date_text import write_date
from pipeline.cells.number_text import POINT
from pipeline.cells.text_words import write_words
from pipeline.data.observation import PLAIN
from pipeline.data.schema import Feature, Schema, Value, columns_of

UNSEEN = "(not seen in training)"  # what stands for a category whose text was not kept
NO_WORDS = "…"  # what stands for a text without a counted word: an empty one is unknown


def reveal(schema: Schema, row: Sequence[float]) -> dict[str, Value]:
    """The observation that a row of numbers stands for: what encode_observation undoes.

    Of free text there are the words that are counted, in no order; what a network read is unknown.
    """
    shown: dict[str, Value] = {}
    left = iter(row)
    for column in columns_of(schema):
        if column.type == "text":
            counts = [float(next(left)) for _ in column.categories]
            known = not column.network and not all(map(math.isnan, counts))
            words = write_words(zip(column.categories, counts, strict=True)) if known else ""
            shown[column.name] = (words or NO_WORDS) if known else None
        else:
            shown[column.name] = _reveal_value(column, float(next(left)))
    return shown


def _reveal_value(feature: Feature, number: float) -> Value:
    if feature.type == "category":
        known = dict(enumerate((*feature.categories, None)))
        return known.get(int(number), UNSEEN)
    if math.isnan(number):
        return None
    if feature.type == "boolean":
        return bool(number)
    if feature.type == "date":
        return write_date(number, (feature.reading or PLAIN).order)
    return int(number) if feature.type == "integer" else number


def write_cell(feature: Feature, value: Value) -> str:
    """What a CSV file holds for a value: the inverse of parse_cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return str(value).replace(POINT, (feature.reading or PLAIN).decimal)
    return value
