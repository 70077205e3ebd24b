"""From a raw observation to a row of numbers and back: the decoding half of the embedding.

A category becomes its place in `Feature.categories`; one place further stands for a missing
value, two for a category never seen. A missing number is NaN until the embedding fills it.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.data.schema import Feature, Schema, Value

LARGEST = float(np.finfo(np.float32).max)
LONGEST_TEXT = 1_000  # of a value of an observation, which is recorded as it came
MOST_PIXELS = 25_000_000  # of a picture; one costs up to 4 bytes, a phone's photo has 12 million
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
UNSEEN = "(not seen in training)"  # what stands for a category whose text was not kept
TRUE, FALSE = frozenset({"true", "yes", "t", "y"}), frozenset({"false", "no", "f", "n"})


class InvalidObservation(Exception):
    """An observation that cannot be decoded: which field, what is wrong, what is allowed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def in_schema_order(
    schema: Schema, features: Mapping[str, object] | Sequence[object]
) -> Sequence[object]:
    """The values of an observation in the schema's order, which is how it is recorded."""
    if isinstance(features, Mapping):
        _check_names(schema, features)
        return [features[feature.name] for feature in schema.features]
    if len(features) != len(schema.features):
        reason = f"{len(features)} values given, {len(schema.features)} expected"
        raise InvalidObservation("features", reason)
    return features


def encode_observation(
    schema: Schema, features: Mapping[str, object] | Sequence[object]
) -> list[float]:
    """Bring named values in any order, or a list in the schema's order, to a row of numbers."""
    values = in_schema_order(schema, features)
    for feature, value in zip(schema.features, values, strict=True):
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise InvalidObservation(feature.name, f"is longer than {LONGEST_TEXT:,} characters")
    return [encode(feature, value) for feature, value in zip(schema.features, values, strict=True)]


def _check_names(schema: Schema, features: Mapping[str, object]) -> None:
    names = {feature.name for feature in schema.features}
    unknown = [name for name in features if name not in names]
    if missing := [name for name in names if name not in features]:
        strange = f", {len(unknown)} given that GET /schema does not list" if unknown else ""
        raise InvalidObservation(
            min(missing), f"is missing ({len(missing)} missing{strange}; null says unknown)"
        )
    if unknown:
        raise InvalidObservation("features", f"hold {len(unknown)} that GET /schema does not list")


def encode(feature: Feature, value: object) -> float:
    """The number that stands for a value of this feature."""
    if value is None:
        return float(len(feature.categories)) if feature.type == "category" else math.nan
    if feature.type == "category":
        return _category_place(feature, value)
    if feature.type == "boolean" and not (isinstance(value, bool) or value in (0, 1)):
        raise InvalidObservation(feature.name, "must be true, false or null")
    if feature.type != "boolean" and isinstance(value, bool):
        raise InvalidObservation(feature.name, "must be a number or null, not true or false")
    return _finite(feature, value)


def _finite(feature: Feature, value: object) -> float:
    if not isinstance(value, int | float):
        raise InvalidObservation(feature.name, "must be a number or null")
    if not -LARGEST <= value <= LARGEST:  # also refuses NaN
        raise InvalidObservation(feature.name, f"must lie between -{LARGEST:.7g} and {LARGEST:.7g}")
    return float(value)


def _category_place(feature: Feature, value: object) -> float:
    if not isinstance(value, str | int | float):
        raise InvalidObservation(feature.name, "must be text or null")
    unseen = len(feature.categories) + 1
    if isinstance(value, str):
        known = value in feature.categories
        return float(feature.categories.index(value) if known else unseen)
    places = (p for p, text in enumerate(feature.categories) if _stands_for(text, value))
    return float(next(places, unseen))


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
    """The value that a cell of a CSV file holds."""
    if text.strip().lower() in MISSING:
        return None
    if feature.type == "category":
        return text
    if feature.type == "boolean" and text.strip().lower() in TRUE | FALSE:
        return text.strip().lower() in TRUE
    try:
        return float(text)
    except ValueError:
        wanted = "true or false" if feature.type == "boolean" else "a number"
        raise InvalidObservation(feature.name, f"must be {wanted}, or empty if unknown") from None


def reveal(schema: Schema, row: Sequence[float]) -> dict[str, Value]:
    """The observation that a row of numbers stands for: what encode_observation undoes."""
    pairs = zip(schema.features, row, strict=True)
    return {feature.name: _reveal_value(feature, float(number)) for feature, number in pairs}


def _reveal_value(feature: Feature, number: float) -> Value:
    if feature.type == "category":
        known = dict(enumerate((*feature.categories, None)))
        return known.get(int(number), UNSEEN)
    if math.isnan(number):
        return None
    if feature.type == "boolean":
        return bool(number)
    return int(number) if feature.type == "integer" else number
