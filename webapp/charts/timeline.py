"""What all curves share: the axis of time, colours, and the marks of decisions."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from webapp.client.history import History, Mark
from webapp.texts import mark, say
from webapp.widgets.formats import day_format, tick_format
from webapp.wording.trainer import say_reason

STATES = {
    mark("promoted"): "#0f9d8a",
    mark("rejected"): "#d97706",
    mark("rolled back"): "#8b5cf6",
    mark("failed"): "#dc2626",
}
FEW_DAYS = 2 * 86_400


def colour_of(colours: Mapping[str, str]) -> Any:
    return alt.Color("what:N", scale=scale_of(colours), legend=alt.Legend(title=None, orient="top"))


def scale_of(colours: Mapping[str, str]) -> Any:
    return alt.Scale(domain=[say(name) for name in colours], range=list(colours.values()))


def time_axis(history: History) -> Any:
    """Hours while it is about few days, else days."""
    shape = "%H:%M" if history.end - history.begin <= FEW_DAYS else day_format()
    return alt.X("at:T", title=None, axis=alt.Axis(format=shape, labelOverlap=True, tickCount=12))


def _draw_span(history: History) -> Any:
    """Nothing to see, but it makes the axis reach over all the time that was asked for."""
    ends = [{"at": history.begin * 1000}, {"at": history.end * 1000}]
    return alt.Chart(alt.InlineData(values=ends)).mark_rule(opacity=0).encode(x=time_axis(history))


def with_marks(chart: Any, history: History) -> Any:
    marks = [_describe(one) for one in history.marks]
    drawn = chart + _draw_span(history)
    if not marks:
        return drawn
    rules = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_rule(strokeDash=[4, 3], strokeWidth=2)
        .encode(
            x=time_axis(history),
            stroke=alt.Stroke(
                "state:N",
                scale=scale_of(STATES),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("state:N", title=say("decision")),
                alt.Tooltip("version:N", title=say("version")),
                alt.Tooltip("reason:N", title=say("why")),
                alt.Tooltip("at:T", title=say("when"), format=tick_format()),
            ],
        )
    )
    return drawn + rules


def _describe(decision: Mark) -> dict[str, Any]:
    return {
        "at": decision.at * 1000,
        "state": say(decision.state),
        "version": decision.version or say("none"),
        "reason": say_reason(decision.reason),
    }
