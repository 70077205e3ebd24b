"""From a raw observation to a row of numbers and back: the decoding half of the embedding.

A category becomes its place in `Feature.categories`; one place further stands for a missing
value, two for a category never seen. A missing number is NaN until the embedding fills it.
"""

import math
from collections.abc import Mapping, Sequence

from pipeline.cells.date_text import date_reader, write_date, write_in_order
from pipeline.cells.number_text import LARGEST, POINT, parse_number
from pipeline.cells.text_words import count_words
from pipeline.cells.words import FALSE, MISSING, TRUE, is_missing, read_truth
from pipeline.data.schema import Feature, Reading, Schema, Value, columns_of
from pipeline.data.text_networks import read_text

LONGEST_TEXT = 1_000  # of a value of an observation, which is recorded as it came
LONGEST_PROSE = 20_000  # of a value of a column of free text
MOST_PIXELS = 25_000_000  # of a picture; one costs up to 4 bytes, a phone's photo has 12 million
PLAIN = Reading()
NUL = "\0"
LONGEST_NAME = 60  # of a name that is repeated in an error


class InvalidObservation(Exception):
    """An observation that cannot be decoded: which field, what is wrong, what is allowed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def in_schema_order(
    schema: Schema, features: Mapping[str, object] | Sequence[object]
) -> Sequence[object]:
    """The values of an observation in the schema's order, which is how it is recorded.

    What the dataset ignored is ignored here too, and so is the target.
    """
    columns = columns_of(schema)
    if isinstance(features, Mapping):
        _check_names(schema, columns, features)
        return [features[column.name] for column in columns]
    if len(features) != len(columns):
        reason = f"{len(features)} values given, {len(columns)} expected"
        raise InvalidObservation("features", reason)
    return features


def encode_observation(
    schema: Schema, features: Mapping[str, object] | Sequence[object]
) -> list[float]:
    """Bring named values in any order, or a list in the schema's order, to a row of numbers."""
    return encode_values(columns_of(schema), in_schema_order(schema, features))


def encode_values(columns: Sequence[Feature], values: Sequence[object]) -> list[float]:
    """The row of numbers of an observation in the schema's order."""
    row: list[float] = []
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, str) and NUL in value:  # which no store can hold
            raise InvalidObservation(column.name, "holds a NUL")
        longest = LONGEST_PROSE if column.type == "text" else LONGEST_TEXT
        if isinstance(value, str) and len(value) > longest:
            raise InvalidObservation(column.name, f"is longer than {longest:,} characters")
        if column.type == "text":
            row += encode_text(column, value)
        else:
            row.append(encode(column, value))
    return row


def encode_text(column: Feature, value: object) -> list[float]:
    """The numbers of a text: how often each word is in it, or what a network makes of it.

    NaN where there is none.
    """
    if value is None or (isinstance(value, str) and is_missing(value)):
        return [math.nan] * len(column.categories)
    if not isinstance(value, str):
        raise InvalidObservation(column.name, "must be text or null")
    if column.network:
        return read_text(column.network, value)
    return count_words(value, column.categories)


def example_of(schema: Schema) -> list[Value]:
    """An observation like those that were learned from."""
    return [column.example for column in columns_of(schema)]


def _check_names(
    schema: Schema, columns: Sequence[Feature], features: Mapping[str, object]
) -> None:
    names = {column.name for column in columns}
    known = names.union(schema.ignored, (schema.target,))
    unknown = [name for name in features if name not in known]
    strange = ", ".join(repr(name[:LONGEST_NAME]) for name in unknown[:3])
    if missing := [name for name in names if name not in features]:
        given = f"; {len(unknown)} given that GET /schema does not list: {strange}"
        raise InvalidObservation(
            min(missing),
            f"is missing ({len(missing)} missing{given if unknown else ''}; null says unknown)",
        )
    if unknown:
        reason = f"hold {len(unknown)} that GET /schema does not list: {strange}"
        raise InvalidObservation("features", reason)


def understand(feature: Feature, value: object) -> object:
    """The value as it is recorded; text is read as it was in the file that was learned from."""
    if isinstance(value, str):
        return parse_cell(feature, value)
    if feature.type == "date" and isinstance(value, int) and not isinstance(value, bool):
        return parse_cell(feature, str(value))
    return value


def encode(feature: Feature, value: object) -> float:
    """The number that stands for a value of this feature."""
    if feature.type == "category":
        return _category_place(feature, value)
    known = value if type(value) is float else understand(feature, value)
    if known is None:
        return math.nan
    if feature.type == "date":
        return _encode_date(feature, known)
    if feature.type == "boolean" and not (isinstance(known, bool) or known in (0, 1)):
        raise InvalidObservation(feature.name, "must be true, false or null")
    if feature.type != "boolean" and isinstance(known, bool):
        raise InvalidObservation(feature.name, "must be a number or null, not true or false")
    return _finite(feature, known)


def _encode_date(feature: Feature, value: object) -> float:
    order = (feature.reading or PLAIN).order
    days = date_reader(order)(value) if isinstance(value, str) else None
    if days is None:
        raise InvalidObservation(feature.name, f"must be {_describe_date(feature)} or null")
    return days


def _describe_date(feature: Feature) -> str:
    order = (feature.reading or PLAIN).order
    example, days = str(feature.example), date_reader(order)(str(feature.example))
    written = example if days is None else write_in_order(days, order)
    return f"a date such as {written} ({order})"


def _finite(feature: Feature, value: object) -> float:
    if not isinstance(value, int | float):
        raise InvalidObservation(feature.name, "must be a number or null")
    if not -LARGEST <= value <= LARGEST:  # also refuses NaN
        raise InvalidObservation(feature.name, f"must lie between -{LARGEST:.7g} and {LARGEST:.7g}")
    return float(value)


def _category_place(feature: Feature, value: object) -> float:
    if value is None:
        return float(len(feature.categories))
    if not isinstance(value, str | int | float):
        raise InvalidObservation(feature.name, "must be text or null")
    if isinstance(value, str):
        found = _match_category(feature, value)
        return float(len(feature.categories)) if found is None else float(found)
    places = (p for p, text in enumerate(feature.categories) if _stands_for(text, value))
    return float(next(places, len(feature.categories) + 1))


def _match_category(feature: Feature, text: str) -> int | None:
    """The place of a category, None for an unknown value; spaces and capitals may differ."""
    if text in feature.categories:
        return feature.categories.index(text)
    wanted = text.strip().casefold()
    if wanted in MISSING or (feature.reading and wanted in feature.reading.missing):
        return None
    if text.strip() in feature.categories:
        return feature.categories.index(text.strip())
    alike = [p for p, known in enumerate(feature.categories) if known.strip().casefold() == wanted]
    return alike[0] if len(alike) == 1 else len(feature.categories) + 1


def _stands_for(category: str, value: float | bool) -> bool:
    """Whether a number or a truth value is what a category's text says: 7 is '7' and '7.0'."""
    if isinstance(value, bool):
        return category.strip().lower() in (TRUE if value else FALSE)
    try:
        return float(category) == value
    except ValueError:
        return False


def canonical_label(value: str | float | bool) -> str:
    """One text for a label however it was sent: 7, 7.0 and "7" are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    try:
        return str(value)
    except ValueError:  # Python spells out no whole number of more than 4300 digits
        return hex(int(value))


def parse_cell(feature: Feature, text: str) -> Value:
    """The value that a cell of a CSV file holds, or text that stands for a value."""
    reading = feature.reading or PLAIN
    if feature.type == "text":
        return None if is_missing(text) else text
    if feature.type == "category":
        place = _match_category(feature, text)
        return None if place is None else (*feature.categories, None, text.strip())[place]
    word = text.strip().lower()
    if word in MISSING or word in reading.missing:
        return None
    if feature.type == "date":
        days = date_reader(reading.order)(text)
        if days is None:
            wanted = f"{_describe_date(feature)}, or empty if unknown"
            raise InvalidObservation(feature.name, f"must be {wanted}")
        return write_date(days, reading.order)
    if feature.type == "boolean" and (truth := read_truth(text)) is not None:
        return truth
    number = parse_number(text, reading.decimal)
    if number is None:
        wanted = "true or false" if feature.type == "boolean" else _describe_number(reading)
        raise InvalidObservation(feature.name, f"must be {wanted}, or empty if unknown")
    return number


def _describe_number(reading: Reading) -> str:
    return "a number" if reading.decimal == POINT else "a number with a decimal comma"
