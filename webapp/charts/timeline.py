"""Parts that all charts share: axes, colours, tooltips, and marks for decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.client.history import History, Mark
from webapp.texts import mark, say
from webapp.widgets.formats import day_format, tick_format
from webapp.widgets.layers import draw_layer
from webapp.wording.trainer import say_reason

Chart = dict[str, Any]
STATES = {
    mark("promoted"): "#0f9d8a",
    mark("rejected"): "#d97706",
    mark("rolled back"): "#8b5cf6",
    mark("failed"): "#dc2626",
}
FEW_DAYS = 2 * 86_400


def draw_curve(
    history: History, shape: Chart, rows: Sequence[Mapping[str, Any]], height: int, **encoding: Any
) -> Chart:
    """A chart over the whole period, with marks for the decisions in it."""
    curve = draw_layer(shape, rows, {"x": time_axis(history), **encoding})
    return {"height": height, "layer": [curve, _draw_span(history), *_draw_marks(history)]}


def colour_of(colours: Mapping[str, str]) -> Chart:
    named = {"field": "what", "type": "nominal", "scale": scale_of(colours)}
    return {**named, "legend": {"title": None, "orient": "top"}}


def scale_of(colours: Mapping[str, str]) -> Chart:
    return {"domain": [say(name) for name in colours], "range": list(colours.values())}


def time_axis(history: History) -> Chart:
    """The time axis, in hours for a short period, else in days."""
    few = history.end - history.begin <= FEW_DAYS
    count: Any = 12 if few else {"interval": "day", "step": 1}
    axis = {"format": "%H:%M" if few else day_format(), "labelOverlap": True, "tickCount": count}
    return {"field": "at", "type": "temporal", "title": None, "axis": axis}


def count_axis(ticks: int) -> Chart:
    axis = {"tickMinStep": 1, "tickCount": ticks}
    return {"field": "low", "type": "quantitative", "title": None, "axis": axis}


def text_tip(field: str, title: str) -> Chart:
    return {"field": field, "type": "nominal", "title": title}


def count_tip(field: str, title: str) -> Chart:
    return {"field": field, "type": "quantitative", "title": title, "format": ","}


def time_tip(title: str) -> Chart:
    return {"field": "at", "type": "temporal", "title": title, "format": tick_format()}


def _draw_span(history: History) -> Chart:
    """An invisible layer that makes the axis cover the whole period."""
    ends = [{"at": history.begin * 1000}, {"at": history.end * 1000}]
    return draw_layer({"type": "rule", "opacity": 0}, ends, {"x": time_axis(history)})


def _draw_marks(history: History) -> list[Chart]:
    if not history.marks:
        return []
    shape = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 2}
    states = {"field": "state", "type": "nominal", "scale": scale_of(STATES), "legend": None}
    told = [
        text_tip("state", say("decision")),
        text_tip("version", say("version")),
        text_tip("reason", say("why")),
        time_tip(say("when")),
    ]
    rows = [_describe(one) for one in history.marks]
    encoding = {"x": time_axis(history), "stroke": states, "tooltip": told}
    return [draw_layer(shape, rows, encoding)]


def _describe(decision: Mark) -> dict[str, Any]:
    return {
        "at": decision.at * 1000,
        "state": say(decision.state),
        "version": decision.version or say("none"),
        "reason": say_reason(decision.reason),
    }
