"""A layer of a chart, in the words of Vega-Lite."""

from collections.abc import Mapping, Sequence
from typing import Any


def draw_layer(
    shape: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], encoding: Mapping[str, Any]
) -> dict[str, Any]:
    """It brings its rows along, so that they go to the browser as they are."""
    return {"mark": shape, "data": {"values": rows}, "encoding": encoding}
