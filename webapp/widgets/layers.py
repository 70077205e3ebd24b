"""A layer of a Vega-Lite chart."""

from collections.abc import Mapping, Sequence
from typing import Any


def draw_layer(
    shape: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], encoding: Mapping[str, Any]
) -> dict[str, Any]:
    """The rows are part of the layer, so that they reach the browser unchanged."""
    return {"mark": shape, "data": {"values": rows}, "encoding": encoding}
