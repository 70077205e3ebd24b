"""The features of an observation, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.client.schema import Schema, Value
from webapp.texts import current_language, say
from webapp.widgets.table import show_table


def show_features(features: Mapping[str, Value] | Sequence[Value] | None) -> None:
    if features is None:
        return
    pairs = features.items() if isinstance(features, Mapping) else enumerate(features, start=1)
    rows = [{say("feature"): str(name), say("value"): write_value(value)} for name, value in pairs]
    show_table(say("What was observed"), rows)


def write_value(value: Any) -> str:
    if value is None:
        return say("unknown")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if not isinstance(value, int | float):
        return str(value)
    text = f"{value:.10g}"  # a year has no comma
    return text.replace(".", ",") if current_language() == "fr" else text


def picture_width(schema: Schema) -> int:
    """The width of a preview: small for a picture, wide for a sound or a film."""
    return 104 if schema.kind == "image" else 320
