"""Decodes the features of a request with msgspec: the quick way for well-formed observations.

What it does not accept is not wrong for that: `pipeline/data/observation.py` decides.
"""

import math
import re
from typing import Annotated, Any

import msgspec

from pipeline.data.observation import LONGEST_PROSE, LONGEST_TEXT, encode, encode_text
from pipeline.data.schema import Schema, columns_of

TYPES: dict[str, Any] = {
    "number": float | None,
    "integer": float | None,
    "boolean": bool | None,
    "date": Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None,
    "text": Annotated[str, msgspec.Meta(max_length=LONGEST_PROSE)] | None,
    "category": Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None,
}
SPECIAL = ("category", "boolean", "date")  # more than a number or nothing
NUL = rb"\u0000"
UNFIT = re.compile(r'[\\"\x00-\x1f]')


class FeatureDecoder:
    """Turns the JSON of named or listed features into a row of numbers."""

    def __init__(self, schema: Schema) -> None:
        features = columns_of(schema)
        types = [TYPES[feature.type] for feature in features]
        listed: Any = tuple.__class_getitem__(tuple(types))
        self._named = _make_named_decoder([feature.name for feature in features], types)
        self._listed = msgspec.json.Decoder(listed)
        self._special = [p for p, f in enumerate(features) if f.type in SPECIAL]
        self._texts = [p for p, f in enumerate(features) if f.type == "text"]
        self._features = features
        self.takes_long = any(feature.network for feature in features)

    def decode(self, content: msgspec.Raw) -> tuple[list[float], bytes]:
        """The row and the observation to record, or msgspec.ValidationError.

        The row may still hold numbers that are too large for a classifier.
        """
        if self.takes_long:
            raise msgspec.ValidationError("a network reads beside the event loop")
        given = bytes(content)
        if NUL in given:
            raise msgspec.ValidationError("a NUL is refused the careful way")
        if given.lstrip()[:1] == b"[":
            values = self._listed.decode(content)
        elif self._named is None:
            raise msgspec.ValidationError("these names are read the careful way")
        else:
            values = msgspec.structs.astuple(self._named.decode(content))
        row: list[Any] = list(values)
        for place in self._special:
            row[place] = encode(self._features[place], row[place])
        for place in reversed(self._texts):  # each becomes many numbers
            row[place : place + 1] = encode_text(self._features[place], row[place])
        if None in row:
            row = [math.nan if number is None else number for number in row]
        return row, msgspec.json.encode(values)


def _make_named_decoder(names: list[str], types: list[Any]) -> Any:
    """None where a name holds what msgspec cannot take for a field: quotes, control characters."""
    if any(UNFIT.search(name) for name in names):
        return None
    fields = [(f"f{place}", kind) for place, kind in enumerate(types)]
    renamed = {f"f{place}": name for place, name in enumerate(names)}
    named = msgspec.defstruct("Named", fields, rename=renamed, forbid_unknown_fields=True)
    return msgspec.json.Decoder(named)
